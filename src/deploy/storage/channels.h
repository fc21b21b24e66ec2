// The constants of an integer layer's output channels (bias, multiplier, shift), packed into one:
// runtime/unpack_channels.h says how. Lossless, like every storage. For which calls that pays:
// deploy/lower/pack_channels.h. Tested by channels_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ir/program.h"

namespace mote::deploy {

// What an integer layer does with the sum of each channel.
struct ChannelConstants {
  int32_t bias_bytes = 0;  // of one: 4 or 8, or 0 where there are none
  std::vector<int64_t> bias = {};
  std::vector<int32_t> multiplier = {};
  std::vector<int8_t> shift = {};

  bool operator==(const ChannelConstants&) const = default;
};

// As words. Multipliers are input_scale * weight_scale / output_scale, of weights with one scale
// for each channel or one for all; `factor` is input_scale / output_scale. Nothing where
// multipliers differ that are no such product, 0 for example, or where a bias takes more than 32
// bits.
std::optional<std::vector<uint32_t>> encode_channels(const ChannelConstants& channels,
                                                     double factor,
                                                     std::span<const float> weight_scales);

// Those of a call as the operators make it, `reference`, packed; nothing where they cannot be,
// where the kernel has none, or where `call`, its variant, has rearranged them.
std::optional<Constant> packed_channels(const Call& call, const Call& reference,
                                        const std::vector<Constant>& constants);

// What a call unpacks before it computes.
struct Unpacking {
  int32_t constant = 0;  // of Program::constants
  int32_t channels = 0;
  int32_t offset_bytes = 0;  // in the arena
};
std::optional<Unpacking> unpacking_of(const Call& call);
inline constexpr const char* kUnpackerHeader = "runtime/unpack_channels.h";

// How many bytes of a packed constant are biases.
int64_t packed_bias_bytes(const Constant& packed, int32_t channels);

}  // namespace mote::deploy
