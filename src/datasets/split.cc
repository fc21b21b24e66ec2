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

}  // namespace

Split select(const Split& split, std::span<const int32_t> indices) {
  Split result{{split.images.dtype, split.images.shape, {}}, {}};
  if (split.count() == 0) return result;
  result.images.shape[0] = static_cast<int32_t>(indices.size());
  const size_t image = split.images.data.size() / static_cast<size_t>(split.count());
  result.images.data.resize(image * indices.size());
  for (size_t i = 0; i < indices.size(); i++) {
    const auto from = static_cast<size_t>(indices[i]);
    std::copy_n(&split.images.data[from * image], image, &result.images.data[i * image]);
    if (!split.labels.empty()) result.labels.push_back(split.labels[from]);
  }
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
