// A client library as small as can be, each function in an object of its own as archives have them.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

int xray_toy_call(int value);         // value + 1000
int xray_toy_twice(int value);        // two calls of its own xray_toy_call: value + 2000
double xray_toy_sum(int count, ...);  // of pairs of an int and a double
int xray_toy_number(void);            // 7, called by wrappers only

#ifdef __cplusplus
}
#endif
