// Filters of every kind, by chance.
#pragma once

#include <random>

#include "support/naive_filter.hpp"

namespace xrayd::local::test {

[[nodiscard]] NaiveFilter random_filter(std::mt19937& random);

}  // namespace xrayd::local::test
