#include "toy/toy.h"

int xray_toy_twice(int value) {
  return xray_toy_call(xray_toy_call(value));
}
