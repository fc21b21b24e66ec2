// How the channels of an operator's outputs depend on those of its operands: what the folding of
// factors and the removal of channels read. Channels are the last dimension of activations; a
// tensor of rank 0 has one. Tested by channels_test.cc, which changes one channel at a time and
// runs the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "ir/types.h"

namespace mote {

// Of one output and one operand: what output channel c depends on. int8 weights between float
// activations are an exception: there all channels share the scale that they are quantized by.
struct Channels {
  enum class Kind : uint8_t {
    none,       // nothing of the operand
    moved,      // its channel begin + step * c, or nothing where it has no such channel
    grouped,    // both have `groups` groups of channels, one after another: all of c's group
    congruent,  // all that equal c modulo the greatest common divisor of both counts of channels
    weights,    // what has the index c in dimension `output_axis`; it multiplies operand 0
    parameter,  // the same of other constants, such as a bias
  };
  Kind kind = Kind::none;
  int32_t begin = 0;
  int32_t step = 1;
  int32_t groups = 1;
  // Grouped: some positions of the output read zeros in place of the operand, at its border.
  bool border = false;
  int32_t output_axis = 0;
  // Weights: the dimension that counts the channels of c's group of operand 0, again and again
  // where it is longer; -1: the group has one.
  int32_t input_axis = -1;
};

// The constructions by their names.
inline Channels moved_channels(int32_t begin, int32_t step) {
  return {.kind = Channels::Kind::moved, .begin = begin, .step = step};
}
inline Channels grouped_channels(int32_t groups, bool border = false) {
  return {.kind = Channels::Kind::grouped, .groups = groups, .border = border};
}
inline Channels weight_channels(int32_t output_axis, int32_t input_axis) {
  return {.kind = Channels::Kind::weights, .output_axis = output_axis, .input_axis = input_axis};
}
inline Channels parameter_channels(int32_t axis) {
  return {.kind = Channels::Kind::parameter, .output_axis = axis};
}

int32_t channel_count(const Shape& shape);

// Which channels of an activation stay where the others are removed, by channel.
using KeptChannels = std::vector<bool>;
int32_t count_kept(const KeptChannels& kept);
// How many of the first `channels` stay: the new index of the one behind them.
int32_t count_kept(const KeptChannels& kept, int32_t channels);

// Whether output channel `output` of `outputs` depends on channel `input` of the `inputs` of an
// activation, which is none of `weights` and `parameter`.
struct ChannelPair {
  int32_t input;
  int32_t inputs;
  int32_t output;
  int32_t outputs;
};
bool depends(const Channels& channels, const ChannelPair& pair);

// The output channel of each weight or parameter, row-major.
std::vector<int32_t> output_channels(const Channels& channels, const Shape& shape);
// The channel of operand 0 that each weight multiplies, row-major, given how the output depends on
// operand 0 and how many channels both have.
std::vector<int32_t> input_channels(const Channels& weights, const Shape& shape,
                                    const Channels& operand, int32_t inputs, int32_t outputs);

}  // namespace mote
