// std::stable_sort without its buffer: documents are written without asking for memory.
#pragma once

#include <algorithm>
#include <iterator>

#include <xray/config.hpp>

XRAY_NAMESPACE_BEGIN
namespace detail {

/// Merges two sorted neighbours, [first, middle) and [middle, last), by rotating parts of them into
/// place.
template <typename Iterator, typename Less>
void merge_in_place(Iterator first, Iterator middle, Iterator last, Less less) noexcept {
  const auto left = middle - first;
  const auto right = last - middle;
  if (left == 0 || right == 0) return;
  if (left + right == 2) {
    if (less(*middle, *first)) std::iter_swap(first, middle);
    return;
  }
  Iterator left_cut = first;
  Iterator right_cut = middle;
  if (left > right) {
    left_cut += left / 2;
    right_cut = std::lower_bound(middle, last, *left_cut, less);
  } else {
    right_cut += right / 2;
    left_cut = std::upper_bound(first, middle, *right_cut, less);
  }
  const Iterator new_middle = std::rotate(left_cut, middle, right_cut);
  merge_in_place(first, left_cut, new_middle, less);
  merge_in_place(new_middle, right_cut, last, less);
}

/// Sorts, and leaves what is equal in the order it had. Random access; O(n log² n) at worst.
template <typename Iterator, typename Less>
void stable_sort(Iterator first, Iterator last, Less less) noexcept {
  if (last - first < 2) return;
  const Iterator middle = first + (last - first) / 2;
  detail::stable_sort(first, middle, less);
  detail::stable_sort(middle, last, less);
  if (less(*middle, *std::prev(middle))) merge_in_place(first, middle, last, less);
}

}  // namespace detail
XRAY_NAMESPACE_END
