// Programs whose multipliers are derived in another precision than docs/arithmetic.md says: what
// golden cases must tell from the right ones.
#pragma once

#include <algorithm>
#include <cmath>

#include "ir/node.h"
#include "ops/kernel.h"
#include "ops/lowering.h"
#include "runtime/arithmetic/multiplier.h"
#include "runtime/weighted.h"

extern "C" {
#include "ops/add/add_kernels.h"
#include "ops/leaky_relu/leaky_relu_kernels.h"
#include "ops/relu/relu_kernels.h"
#include "ops/sub/sub_kernels.h"
}

namespace mote::testing {

// The scales of a node's operands as the graph has them; of weights, one per channel or one.
struct Scales {
  std::vector<float> a, b;
  float output = 0;
};

inline Scales scales_of(const Graph& graph, const Node& node) {
  const auto scale = [&](ValueId id) {
    return graph.value(id).type.quantization.value_or(per_tensor(1.0f, 0)).scale;
  };
  return {scale(node.inputs[0]), node.inputs.size() > 1 ? scale(node.inputs[1]) : std::vector{1.0f},
          scale(node.outputs[0])[0]};
}

template <class Params>
void set_sum_factors(Call& call, double a, double b, double output) {
  auto params = params_of<Params>(call);
  const mote_multiplier of_a = mote_quantize_multiplier(a), of_b = mote_quantize_multiplier(b);
  const mote_multiplier of_output = mote_quantize_multiplier(output);
  params.a_multiplier = of_a.multiplier;
  params.a_shift = of_a.shift;
  params.b_multiplier = of_b.multiplier;
  params.b_shift = of_b.shift;
  params.output_multiplier = of_output.multiplier;
  params.output_shift = of_output.shift;
  call.params = make_params(params);
}

// Add as Sub: in binary32, each step rounded.
inline void derive_add_in_binary32(const Scales& s, Call& call) {
  const float fixed_point = static_cast<float>(1 << (call.kernel == "add_s16" ? 15 : 20));
  const float shared = 2 * std::max(s.a[0], s.b[0]);
  set_sum_factors<mote_add_s8_params>(call, s.a[0] / shared, s.b[0] / shared,
                                      shared / (fixed_point * s.output));
}

// Sub as Add: in binary64.
inline void derive_sub_in_binary64(const Scales& s, Call& call) {
  const double fixed_point = 1 << (call.kernel == "sub_s16" ? 15 : 20);
  const double a = s.a[0], b = s.b[0], shared = 2 * std::max(a, b);
  set_sum_factors<mote_sub_s8_params>(call, a / shared, b / shared,
                                      shared / (fixed_point * s.output));
}

// The quotient of the scales in binary64.
inline void derive_relu_in_binary64(const Scales& s, Call& call) {
  auto params = params_of<mote_relu_s8_params>(call);
  const mote_multiplier m = mote_quantize_multiplier(static_cast<double>(s.a[0]) / s.output);
  params.multiplier = m.multiplier;
  params.shift = m.shift;
  call.params = make_params(params);
}

inline void derive_leaky_relu_in_binary64(const Scales& s, float alpha, Call& call) {
  auto params = params_of<mote_leaky_relu_s8_params>(call);
  const double quotient = static_cast<double>(s.a[0]) / s.output;
  const mote_multiplier positive = mote_quantize_multiplier(quotient);
  const mote_multiplier negative = mote_quantize_multiplier(std::abs(quotient * alpha));
  params.positive_multiplier = positive.multiplier;
  params.positive_shift = positive.shift;
  params.negative_multiplier = alpha < 0 ? -negative.multiplier : negative.multiplier;
  params.negative_shift = negative.shift;
  call.params = make_params(params);
}

// What the weights' product has where the right one is of the other precision: FullyConnected's of
// one scale in binary64, all others in binary32.
inline void derive_product_otherwise(const Scales& s, bool in_binary32, const Call& call,
                                     std::vector<Constant>& constants) {
  const auto constant = [&](int place) -> Bytes& {
    return constants.at(static_cast<size_t>(call.operands.at(static_cast<size_t>(place)).index))
        .data;
  };
  const size_t channels = constant(MOTE_INTEGER_SHIFT).size();
  std::vector<int32_t> multiplier;
  std::vector<int8_t> shift;
  for (size_t c = 0; c < channels; c++) {
    const float weight_scale = s.b[s.b.size() == 1 ? 0 : c];
    const double product = in_binary32 ? static_cast<double>(s.a[0] * weight_scale)
                                       : static_cast<double>(s.a[0]) * weight_scale;
    const mote_multiplier m = mote_quantize_multiplier(product / s.output);
    multiplier.push_back(m.multiplier);
    shift.push_back(static_cast<int8_t>(m.shift));
  }
  constant(MOTE_INTEGER_MULTIPLIER) = to_bytes<int32_t>(multiplier);
  constant(MOTE_INTEGER_SHIFT) = to_bytes<int8_t>(shift);
}

// The program of a graph of one node, derived wrong.
inline Program wrongly_derived(const Graph& graph, Program program) {
  const Scales scales = scales_of(graph, graph.nodes.at(0));
  Call& call = program.calls.at(0);
  if (call.kernel.starts_with("add_")) derive_add_in_binary32(scales, call);
  if (call.kernel.starts_with("sub_")) derive_sub_in_binary64(scales, call);
  if (call.kernel.starts_with("relu_")) derive_relu_in_binary64(scales, call);
  if (const auto* leaky = std::get_if<ops::LeakyRelu>(&graph.nodes[0].op))
    derive_leaky_relu_in_binary64(scales, leaky->alpha, call);
  if (call.kernel.starts_with("fully_connected_"))
    derive_product_otherwise(scales, false, call, program.constants);
  if (call.kernel.starts_with("conv2d_"))
    derive_product_otherwise(scales, true, call, program.constants);
  return program;
}

}  // namespace mote::testing
