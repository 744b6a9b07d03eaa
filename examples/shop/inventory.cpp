// inventory: what the shop has, in an SQLite database. Its callers send a trace header; its queries
// are traced by xray::patch_all().
//
//   GET  /stock/PRODUCT         price and stock
//   GET  /reviews/PRODUCT       what customers say
//   GET  /bestsellers           slow: adds up every sale
//   POST /reservations/PRODUCT  takes one out of the stock

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include "command_line.hpp"
#include "database.hpp"
#include "http_server.hpp"
#include "product_path.hpp"
#include "traced_handler.hpp"

namespace {

using shop::Database;
using shop::Request;
using shop::Response;

constexpr const char* hot_product = "gold-teapot";
constexpr std::chrono::seconds pause_between_hot_sales{30};

/// Lets the hot product go once in a while, whoever asks.
class HotProductLimit {
 public:
  bool allows_one_more() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now < next_sale_) return false;
    next_sale_ = now + pause_between_hot_sales;
    return true;
  }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_sale_{};
};

Response unknown_product() {
  return {404, "No such product.\n", {}};
}

long price_in_cents(const std::string& product, const std::string& price) {
  return xray::capture("read-price", [&] {
    try {
      return std::lround(std::stod(price) * 100);
    } catch (const std::exception&) {
      std::throw_with_nested(std::runtime_error("the price of " + product + " is not a number"));
    }
  });
}

Response stock(Database& database, const std::string& product) {
  const auto rows = database.query("SELECT price, stock FROM products WHERE id = ?", {product});
  if (rows.empty()) return unknown_product();
  const long cents = price_in_cents(product, rows[0][0].value_or(""));
  return {200,
          product + ": " + std::to_string(cents) + " cents, " + rows[0][1].value_or("0") +
              " in stock\n",
          {}};
}

Response reviews(Database& database, const std::string& product) {
  Response response;
  for (const auto& row :
       database.query("SELECT stars, words FROM reviews WHERE product = ?", {product})) {
    response.body += row[0].value_or("") + " stars: " + row[1].value_or("") + "\n";
  }
  return response;
}

Response bestsellers(Database& database) {
  Response response;
  for (const auto& row : database.query("SELECT product, SUM(quantity) AS sold FROM sales GROUP BY "
                                        "product ORDER BY sold DESC")) {
    response.body += row[0].value_or("") + ": " + row[1].value_or("") + " sold\n";
  }
  return response;
}

Response reserve(Database& database, const std::string& product, HotProductLimit& limit) {
  if (product == hot_product && !limit.allows_one_more()) {
    return {429, "Everybody wants this one. Try again later.\n", {{"Retry-After", "30"}}};
  }
  database.query("UPDATE products SET stock = stock - 1 WHERE id = ? AND stock > 0", {product});
  if (database.changes() == 0) return unknown_product();
  return {200, "Reserved " + product + ".\n", {}};
}

shop::Handler inventory(const std::string& file, HotProductLimit& limit) {
  return shop::traced("inventory", [file, &limit](const Request& request, xray::Segment& segment) {
    Database database(file);
    const bool get = request.method == "GET";
    if (get && request.target == "/bestsellers") return bestsellers(database);

    std::string product;
    const auto asks_for = [&](const char* method, const char* prefix) {
      if (request.method != method) return false;
      product = shop::product_in(request.target, prefix);
      if (!product.empty()) segment.add_annotation("product", product);
      return !product.empty();
    };
    if (asks_for("GET", "/stock/")) return stock(database, product);
    if (asks_for("GET", "/reviews/")) return reviews(database, product);
    if (asks_for("POST", "/reservations/")) return reserve(database, product, limit);
    return Response{404, "No such page.\n", {}};
  });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const shop::CommandLine options(argc, argv, {"--port", "--database"});
    const auto port = options.number("--port", 0, std::numeric_limits<std::uint16_t>::max());
    const std::string& file = options.text("--database");
    xray::patch_all();
    Database(file).seed();
    HotProductLimit limit;
    shop::serve(static_cast<std::uint16_t>(port), inventory(file, limit));
    xray::shutdown(std::chrono::seconds(2));
    return EXIT_SUCCESS;
  } catch (const std::exception& problem) {
    std::cerr << "inventory: " << problem.what() << std::endl;
    return EXIT_FAILURE;
  }
}
