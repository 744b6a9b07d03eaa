// Nothing: it is only loaded.
extern "C" int xray_unit_sdk_needed();
int xray_unit_sdk_needed() {
  return 0;
}
