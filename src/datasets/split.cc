#include "datasets/split.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"

namespace mote::datasets {
namespace {

std::vector<int32_t> permutation(int32_t count, uint64_t seed, std::string_view purpose) {
  std::vector<int32_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  Random(seed, purpose).shuffle(std::span(order));
  return order;
}

Array rows_of(const Array& array, std::span<const int32_t> indices) {
  Array result{array.dtype, array.shape, {}};
  if (array.shape.empty() || array.shape[0] == 0) return result;
  const size_t row = array.data.size() / static_cast<size_t>(array.shape[0]);
  result.shape[0] = static_cast<int32_t>(indices.size());
  result.data.resize(row * indices.size());
  for (size_t i = 0; i < indices.size(); i++)
    std::copy_n(&array.data[static_cast<size_t>(indices[i]) * row], row, &result.data[i * row]);
  return result;
}

}  // namespace

Split select(const Split& split, std::span<const int32_t> indices) {
  Split result{rows_of(split.images, indices), {}};
  for (const Array& array : split.more) result.more.push_back(rows_of(array, indices));
  if (split.labels.empty()) return result;
  for (const int32_t index : indices)
    result.labels.push_back(split.labels[static_cast<size_t>(index)]);
  return result;
}

Split cut(Split& from, double fraction, uint64_t seed, std::string_view purpose) {
  std::vector<int32_t> order = permutation(from.count(), seed, purpose);
  const auto boundary = order.begin() + static_cast<ptrdiff_t>(from.count() * fraction);
  std::sort(order.begin(), boundary);
  std::sort(boundary, order.end());
  Split result = select(from, {order.begin(), boundary});
  from = select(from, {boundary, order.end()});
  return result;
}

}  // namespace mote::datasets
