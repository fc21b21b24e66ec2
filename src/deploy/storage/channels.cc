#include "deploy/storage/channels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "deploy/storage/sparse.h"
#include "deploy/storage/storage.h"
#include "ops/kernel.h"
#include "ops/requantization.h"
#include "runtime/weighted.h"

namespace mote::deploy {
namespace {

constexpr size_t kHeaderWords = 3;
constexpr int32_t kMultiplierBits = 24;

// How far numbers lie above the least of them, in as few bits as all take.
struct AboveLeast {
  int64_t least = 0;
  int64_t most = 0;
  int32_t bits = 0;

  template <class T>
  explicit AboveLeast(const std::vector<T>& numbers) {
    if (numbers.empty()) return;
    const auto [min, max] = std::ranges::minmax(numbers);
    least = min;
    most = max;
    bits = std::bit_width(static_cast<uint64_t>(max) - static_cast<uint64_t>(min));
  }
  bool fits_int32() const {
    return least >= std::numeric_limits<int32_t>::min() &&
           most <= std::numeric_limits<int32_t>::max();
  }
  uint32_t field(int64_t number) const { return static_cast<uint32_t>(number - least); }
};

// The first bits of a positive real, the last of them to the nearest.
uint32_t significand(double real, int32_t bits) {
  int exponent;
  const double fraction = std::frexp(real, &exponent);  // in [1/2, 1)
  const auto twice = static_cast<uint64_t>(std::ldexp(fraction, bits + 1));
  return static_cast<uint32_t>(std::min((twice + 1) / 2, (uint64_t{1} << bits) - 1));
}

// The factor, and by channel the fields of multipliers.
struct Multipliers {
  uint32_t factor = 0;
  std::vector<uint32_t> fields = {};  // none where all multipliers are the same
};

std::optional<Multipliers> multipliers_of(const std::vector<int32_t>& multiplier, double factor,
                                          std::span<const float> weight_scales) {
  if (std::ranges::adjacent_find(multiplier, std::not_equal_to<>()) == multiplier.end())
    return Multipliers{2 * static_cast<uint32_t>(multiplier.front())};
  if (weight_scales.size() != multiplier.size()) return std::nullopt;
  Multipliers result{significand(factor, 32)};
  for (size_t c = 0; c < multiplier.size(); c++) {
    const uint32_t scale = significand(weight_scales[c], kMultiplierBits);
    const uint64_t product = uint64_t{result.factor} * scale;  // in [2^54, 2^56)
    const auto down = static_cast<int64_t>(product >> (product >> 55 == 0 ? 24 : 25));
    const int64_t lacking = multiplier[c] - down;
    if (lacking != 0 && lacking != 1) return std::nullopt;
    constexpr uint32_t kFirstBit = 1u << (kMultiplierBits - 1);
    result.fields.push_back(2 * (scale - kFirstBit) + static_cast<uint32_t>(lacking));
  }
  return result;
}

std::vector<uint32_t> words_of(const Bytes& bytes, size_t count) {
  std::vector<uint32_t> words(count);
  for (size_t i = 0; i < bytes.size(); i++) words[i / 4] |= uint32_t{bytes[i]} << i % 4 * 8;
  return words;
}

// What a kernel finds in a place, where that is a constant of so many bits.
const Constant* constant_in(size_t place, DType dtype, const Call& call,
                            const std::vector<Constant>& constants) {
  if (place >= call.operands.size() || call.operands[place].space != Space::constant)
    return nullptr;
  const Constant& constant = constants.at(static_cast<size_t>(call.operands[place].index));
  return constant.type.dtype == dtype ? &constant : nullptr;
}

template <class To, class T>
std::vector<To> numbers(std::span<const T> elements) {
  return {elements.begin(), elements.end()};
}

// Of a call whose kernel has them as the reference does.
std::optional<ChannelConstants> channels_of(const Call& call,
                                            const std::vector<Constant>& constants) {
  const Weights reads = find_kernel(call.kernel, call.variant).weights;
  if (reads != Weights::decoded && reads != Weights::sparse) return std::nullopt;
  const Constant* multiplier = constant_in(MOTE_INTEGER_MULTIPLIER, DType::int32, call, constants);
  const Constant* shift = constant_in(MOTE_INTEGER_SHIFT, DType::int8, call, constants);
  if (multiplier == nullptr || shift == nullptr) return std::nullopt;
  ChannelConstants channels;
  channels.multiplier = numbers<int32_t>(elements_of<int32_t>(*multiplier));
  channels.shift = numbers<int8_t>(elements_of<int8_t>(*shift));
  if (const Constant* bias = constant_in(MOTE_BIAS, DType::int32, call, constants)) {
    channels.bias_bytes = 4;
    channels.bias = numbers<int64_t>(elements_of<int32_t>(*bias));
  } else if ((bias = constant_in(MOTE_BIAS, DType::int64, call, constants))) {
    channels.bias_bytes = 8;
    channels.bias = numbers<int64_t>(elements_of<int64_t>(*bias));
  }
  return channels;
}

}  // namespace

std::optional<std::vector<uint32_t>> encode_channels(const ChannelConstants& channels,
                                                     double factor,
                                                     std::span<const float> weight_scales) {
  const auto multipliers = multipliers_of(channels.multiplier, factor, weight_scales);
  const AboveLeast bias(channels.bias), shift(channels.shift);
  if (!multipliers || !bias.fits_int32()) return std::nullopt;
  const int32_t multiplier_bits = multipliers->fields.empty() ? 0 : kMultiplierBits;
  const auto channel_bits = static_cast<size_t>(shift.bits + multiplier_bits + bias.bits);
  BitWriter bits;
  bits.put(multipliers->factor, 32);
  bits.put(static_cast<uint32_t>(bias.least), 32);
  bits.put(static_cast<uint32_t>(bias.bits), 6);
  bits.put(static_cast<uint32_t>(multiplier_bits), 5);
  bits.put(static_cast<uint32_t>(multiplier_bits + shift.bits), 5);
  bits.put(static_cast<uint32_t>(channels.bias_bytes / 4), 8);
  bits.put(static_cast<uint32_t>(shift.least), 8);
  for (size_t c = 0; c < channels.shift.size(); c++) {
    if (multiplier_bits > 0) bits.put(multipliers->fields[c], multiplier_bits);
    bits.put(shift.field(channels.shift[c]), shift.bits);
    if (channels.bias_bytes > 0) bits.put(bias.field(channels.bias[c]), bias.bits);
  }
  // The kernel looks at the bit behind the last.
  return words_of(bits.bytes, kHeaderWords + channels.shift.size() * channel_bits / 32 + 1);
}

std::optional<Constant> packed_channels(const Call& call, const Call& reference,
                                        const std::vector<Constant>& constants) {
  const std::optional<ChannelConstants> channels = channels_of(call, constants);
  if (!channels) return std::nullopt;
  const double factor = static_cast<double>(scale_of(reference.operands[MOTE_INPUT].type)) /
                        scale_of(reference.operands[MOTE_INTEGER_OUTPUT].type);
  const auto& weights = reference.operands[MOTE_WEIGHTS].type.quantization;
  const auto words = encode_channels(*channels, factor, weights.value().scale);
  if (!words) return std::nullopt;
  const TensorType type{DType::int32, {static_cast<int32_t>(words->size())}, {}};
  return Constant{reference.origin + "_channels", type, MOTE_STORAGE_DENSE8,
                  to_bytes<uint32_t>(*words)};
}

std::optional<Unpacking> unpacking_of(const Call& call) {
  const auto first = std::ranges::find(call.operands, Space::unpacked, &Operand::space);
  if (first == call.operands.end()) return std::nullopt;
  return Unpacking{first->index, static_cast<int32_t>(element_count(first->type.shape)),
                   first->offset_bytes};
}

int64_t packed_bias_bytes(const Constant& packed, int32_t channels) {
  const uint32_t layout = elements_of<uint32_t>(packed)[2];
  if ((layout >> 16 & 3) == 0) return 0;
  return 4 + (int64_t{channels} * (layout & 63) + 7) / 8;
}

}  // namespace mote::deploy
