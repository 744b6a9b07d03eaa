#include <cstdarg>

#include "toy/toy.h"

double xray_toy_sum(int count, ...) {
  va_list values;
  va_start(values, count);
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += va_arg(values, int);
    sum += va_arg(values, double);
  }
  va_end(values);
  return sum;
}
