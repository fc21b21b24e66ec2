// A binary range coder that learns how frequent each bit is (runtime/range.h, decode_range.h). It
// begins with the range [0, 1) of the number, of 0 bytes; each byte more divides it by 256.
#include <array>
#include <bit>
#include <cstdlib>

#include "deploy/storage/sparse.h"

extern "C" {
#include "runtime/decode_range.h"
}

namespace mote::deploy {
namespace {

static_assert(sizeof(mote_range_state) <= 176, "as MOTE_STORAGES says");

class RangeEncoder {
 public:
  RangeEncoder() { bits_.fill(mote_range_unknown()); }

  void put(int8_t weight) {
    const auto magnitude = static_cast<uint32_t>(std::abs(int32_t{weight}));
    const auto length = static_cast<uint32_t>(std::bit_width(magnitude));
    for (uint32_t i = 0; i < length; i++) put(i, 1);
    if (length < MOTE_RANGE_LENGTHS) put(length, 0);
    const uint32_t value = 2 * magnitude + (weight < 0 ? 1 : 0);
    for (uint32_t left = length; left > 0; left--)
      put(mote_range_place(length, value >> left), value >> (left - 1) & 1);
  }

  // The lowest number of the range, and how many bits it says.
  Encoded result;

 private:
  void put(uint32_t place, uint32_t one) {
    result.bits++;
    if (range_ < MOTE_RANGE_LEAST) {
      result.bytes.push_back(0);
      range_ *= 256;
    }
    mote_range_bit& bit = bits_.at(place);
    const uint32_t of_zero = mote_range_of_zero(bit, range_);
    if (one != 0) add(of_zero);
    range_ = one != 0 ? range_ - of_zero : of_zero;
    bit = mote_range_after(bit, one);
  }

  void add(uint32_t number) {
    for (size_t i = result.bytes.size(); number > 0; number /= 256) {
      number += result.bytes.at(--i);
      result.bytes[i] = static_cast<uint8_t>(number);
    }
  }

  uint32_t range_ = 1;  // in steps of the last byte
  std::array<mote_range_bit, MOTE_RANGE_BITS> bits_;
};

}  // namespace

std::optional<Encoded> encode_range(const Constant& weights, DType) {
  RangeEncoder encoder;
  for (const int8_t weight : by_channel(weights)) encoder.put(weight);
  return std::move(encoder.result);
}

}  // namespace mote::deploy
