#include "support/under_patch.hpp"

#include <cerrno>
#include <cstdarg>

int xray_test_work(int value) {
  errno = value;
  return value + XRAY_TEST_LIBRARY;
}

int xray_test_work_often(int value, int times) {
  int result = 0;
  for (int i = 0; i < times; ++i) result = xray_test_work(value);
  return result;
}

int xray_test_sum(int count, ...) {
  va_list values;
  va_start(values, count);
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += va_arg(values, int);
  va_end(values);
  return sum;
}
