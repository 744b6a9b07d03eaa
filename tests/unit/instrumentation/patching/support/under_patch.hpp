// The functions of the small libraries that the tests patch.
#pragma once

#define XRAY_TEST_EXPORT extern "C" __attribute__((visibility("default")))

/// `value` + 1000 for library a, + 2000 for library b. Sets errno to `value`.
XRAY_TEST_EXPORT int xray_test_work(int value);
/// The same, by calling xray_test_work as one of its own exports, `times` times: the last result.
XRAY_TEST_EXPORT int xray_test_work_often(int value, int times);
/// The sum of `count` ints.
XRAY_TEST_EXPORT int xray_test_sum(int count, ...);
