#include "toy/toy.h"

int xray_toy_call(int value) {
  return value + 1000;
}
