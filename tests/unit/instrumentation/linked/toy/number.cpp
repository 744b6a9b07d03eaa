#include "toy/toy.h"

int xray_toy_number() {
  return 7;
}
