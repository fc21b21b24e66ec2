// Weights of up to 16 values: a table of these, and which of them each weight is
// (runtime/decode_palette.h).
#include <algorithm>
#include <bit>

#include "deploy/storage/sparse.h"

namespace mote::deploy {
namespace {

constexpr size_t kMostValues = 16;

// Rising; nothing where there are more.
std::optional<std::vector<int8_t>> values_of(std::span<const int8_t> weights) {
  std::vector<int8_t> values;
  for (const int8_t weight : weights) {
    const auto place = std::ranges::lower_bound(values, weight);
    if (place != values.end() && *place == weight) continue;
    if (values.size() == kMostValues) return std::nullopt;
    values.insert(place, weight);
  }
  return values;
}

}  // namespace

std::optional<Encoded> encode_palette(const Constant& weights, DType) {
  const std::span<const int8_t> elements = elements_of<int8_t>(weights);
  const std::optional<std::vector<int8_t>> values = values_of(elements);
  if (!values) return std::nullopt;
  const auto last = static_cast<uint32_t>(std::max<size_t>(values->size(), 2) - 1);
  const auto bits = static_cast<int32_t>(std::bit_width(last));
  BitWriter data;
  data.put(static_cast<uint32_t>(bits), 8);
  for (size_t i = 0; i < size_t{1} << bits; i++)
    data.put(i < values->size() ? static_cast<uint8_t>((*values)[i]) : 0, 8);
  for (const int8_t weight : elements) {
    const auto place = std::ranges::lower_bound(*values, weight);
    data.put(static_cast<uint32_t>(place - values->begin()), bits);
  }
  return Encoded{std::move(data.bytes)};
}

}  // namespace mote::deploy
