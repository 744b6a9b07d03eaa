#include <cstdlib>
#include <exception>
#include <iostream>
#include <xray/xray.hpp>

#include "orders.hpp"
#include "runtime.hpp"

int main() {
  const char* const address = std::getenv("AWS_LAMBDA_RUNTIME_API");
  if (address == nullptr) {
    std::cerr << "AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda\n";
    return 2;
  }
  try {
    function::run_handler(address, xray::lambda::wrap(&function::handle_orders));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
