// storefront: the service that customers talk to. It asks the inventory for everything it shows.
//
//   GET  /                  fast: needs nobody else
//   GET  /products/PRODUCT  two calls to the inventory at once
//   GET  /bestsellers       slow
//   POST /orders/PRODUCT    reserves the product, then charges the customer named by X-Customer

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <xray/patch.hpp>
#include <xray/xray.hpp>

#include "command_line.hpp"
#include "http_client.hpp"
#include "http_server.hpp"
#include "product_path.hpp"
#include "traced_handler.hpp"

namespace {

using shop::Answer;
using shop::Request;
using shop::Response;

/// Calls the inventory. xray::patch_all() makes each call a subsegment and sends its trace header
/// along: so the inventory's segment becomes a part of this trace.
class Inventory {
 public:
  explicit Inventory(std::string url) : url_(std::move(url)) {}

  Answer ask(const std::string& method, const std::string& path) const {
    thread_local shop::HttpClient client;
    return client.send(method, url_ + path);
  }

 private:
  std::string url_;
};

Response product_page(const Inventory& inventory, const std::string& product) {
  // The reviews are fetched by another thread. It does not know our segment until it is told.
  auto reviews = std::async(std::launch::async, [&, context = xray::current_context()] {
    const xray::ContextScope scope(context);
    return inventory.ask("GET", "/reviews/" + product);
  });
  const Answer stock = inventory.ask("GET", "/stock/" + product);
  if (stock.status != 200) return {stock.status, stock.body, {}};
  const Answer words = reviews.get();
  return xray::capture("render", [&] { return Response{200, stock.body + words.body, {}}; });
}

/// Stands for the bank. It never answers for one of the customers.
void ask_bank(const std::string& customer) {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (customer == "c-13") throw std::runtime_error("the bank closed the connection");
}

void charge(const std::string& customer) {
  try {
    ask_bank(customer);
  } catch (...) {
    std::throw_with_nested(std::runtime_error("the card of " + customer + " was not charged"));
  }
}

Response order(const Inventory& inventory, const std::string& product, const Request& request,
               xray::Segment& segment) {
  const std::string customer(request.header("x-customer"));
  if (customer.empty()) return {400, "Who is it for?\n", {}};
  segment.set_user(customer);
  segment.add_annotation("customer", customer);
  segment.add_annotation("quantity", 1);
  const std::string details = R"({"product":")" + product + R"(","quantity":1})";
  segment.add_metadata("order", xray::Json(details), "shop");

  const Answer reservation = inventory.ask("POST", "/reservations/" + product);
  if (reservation.status != 200) return {reservation.status, reservation.body, {}};
  xray::capture("charge-card", [&] { charge(customer); });
  return {201, "Thank you, " + customer + ".\n", {}};
}

shop::Handler storefront(const Inventory& inventory) {
  return shop::traced("storefront", [&inventory](const Request& request, xray::Segment& segment) {
    const bool get = request.method == "GET";
    if (get && request.target == "/") return Response{200, "Welcome to the shop.\n", {}};
    if (get && request.target == "/bestsellers") {
      const Answer answer = inventory.ask("GET", "/bestsellers");
      return Response{answer.status, answer.body, {}};
    }

    const std::string product = shop::product_in(request.target, get ? "/products/" : "/orders/");
    if (product.empty()) return Response{404, "No such page.\n", {}};
    segment.add_annotation("product", product);
    if (get) return product_page(inventory, product);
    if (request.method == "POST") return order(inventory, product, request, segment);
    return Response{405, "Only GET and POST are understood.\n", {}};
  });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const shop::CommandLine options(argc, argv, {"--port", "--inventory"});
    const auto port = options.number("--port", 0, std::numeric_limits<std::uint16_t>::max());
    xray::patch_all();
    const Inventory inventory(options.text("--inventory"));
    shop::serve(static_cast<std::uint16_t>(port), storefront(inventory));
    xray::shutdown(std::chrono::seconds(2));
    return EXIT_SUCCESS;
  } catch (const std::exception& problem) {
    std::cerr << "storefront: " << problem.what() << std::endl;
    return EXIT_FAILURE;
  }
}
