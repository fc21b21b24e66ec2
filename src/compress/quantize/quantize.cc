#include "compress/quantize/quantize.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "compress/quantize/layer_bits.h"
#include "compress/quantize/post_training.h"
#include "ir/node.h"
#include "ops/lowering.h"
#include "ops/op_def.h"
#include "ops/requantization.h"
#include "ops/verify.h"
#include "runtime/arithmetic/affine.h"
#include "runtime/arithmetic/float16.h"

namespace mote::compress {
namespace {

constexpr std::string_view kRoundings[] = {"nearest", "gptq"};
constexpr std::string_view kGranularities[] = {"per_channel", "per_tensor"};

Bytes quantized_weights(const Value& weights, const Quantization& q) {
  const std::span<const float> reals = data_as<float>(weights);
  const Range range = weight_range(q.bits);
  Bytes bytes(reals.size());
  for_each_channel(weights.type.shape, q.axis, [&](size_t i, size_t channel) {
    bytes[i] = static_cast<uint8_t>(
        mote_quantize_f32(reals[i], q.scale[channel], 0, range.min, range.max));
  });
  return bytes;
}

template <class T>
Bytes integers_of(const Value& bias, const Quantization& q) {
  const std::span<const float> reals = data_as<float>(bias);
  std::vector<T> integers;
  for (size_t i = 0; i < reals.size(); i++) {
    const double scale = q.scale[q.per_channel() ? i : 0];
    integers.push_back(static_cast<T>(mote_round_f64(reals[i] / scale, INT32_MAX)));
  }
  return to_bytes(std::span<const T>(integers));
}

// To the nearest float16. Beyond its range there is none that would do.
Bytes halves_of(const Value& constant) {
  std::vector<uint16_t> halves;
  for (const float real : data_as<float>(constant)) {
    halves.push_back(mote_f16_from_f32(real));
    if (!std::isfinite(mote_f32_from_f16(halves.back())))
      throw Error(ErrorKind::unsupported,
                  fmt::format("{} is beyond float16, which ends at 65504", real),
                  fmt::format("value '{}'", constant.name),
                  "scale the layer, or keep the model in float32");
  }
  return to_bytes(std::span<const uint16_t>(halves));
}

// Channels of small weights and a large bias get a wider weight scale, as TFLite's converter gives
// them, so that the bias stays far from the ends of int32. So do, where accumulators have 32 bits,
// channels of so many weights that these alone could reach the ends.
void make_room(Quantization& q, const Value& weights, std::span<const float> bias,
               const TensorType& input, DType accumulator) {
  constexpr double kRoom = 1 << 30;
  const Quantization& in = input.quantization.value();
  const Range range = integer_range(input.dtype);
  const int32_t largest = std::max(range.max - in.zero_point[0], in.zero_point[0] - range.min);
  std::vector<double> reach(std::max(q.scale.size(), bias.size()), 0.0);  // over the input's scale
  if (accumulator == DType::int32 && q.per_channel())
    for_each_channel(weights.type.shape, q.axis, [&](size_t i, size_t channel) {
      reach[channel] += static_cast<double>(std::abs(data_as<float>(weights)[i])) * largest;
    });
  for (size_t i = 0; i < bias.size(); i++) reach[i] += std::abs(bias[i]) / in.scale[0];
  for (size_t i = 0; i < reach.size(); i++) {
    float& scale = q.scale[q.per_channel() ? i : 0];
    scale = std::max(scale, static_cast<float>(reach[i] / kRoom));
  }
}

class Quantizer {
 public:
  Quantizer(const Graph& graph, const QuantizeOptions& options)
      : graph_(graph),
        consumers_(consumers(graph)),
        options_(options),
        info_(info_of(options.scheme)),
        bits_(layer_bits_of(graph, options)),
        homes_(initial_homes(graph)),
        least_scales_(least_scales(graph)) {}

  Graph run() {
    for (ValueId id : graph_.inputs) {
      make_activation_integer(id);
      raise_scale(id, 0);
    }
    for (size_t i = 0; i < graph_.nodes.size(); i++) quantize_node(graph_.nodes[i], bits_[i]);
    eliminate_dead(graph_);
    verify(graph_, Level::quantized);
    return std::move(graph_);
  }

 private:
  // `bits`: of its weights where they become integers.
  void quantize_node(Node& node, int32_t bits) {
    const QuantizationRule rule = op_def(node.op).quantization(node.op, options_.scheme);
    if (rule.stays_float && info_.integer_activations())
      throw Error(ErrorKind::unsupported, fmt::format("the operator has no {} form", info_.name),
                  describe(node));
    for (size_t i = 0; i < node.inputs.size(); i++) {
      if (node.inputs[i] == kNoValue) continue;
      const InputRule& input = rule.input(i);
      switch (input.role) {
        case Role::activation:
          make_activation_integer(node.inputs[i]);
          break;
        case Role::weight:
          quantize_weights(node, i, rule, bits);
          break;
        case Role::bias:
          quantize_bias(node, i, rule);
          break;
        case Role::parameter:
          break;
      }
    }
    for (size_t i = 0; i < node.outputs.size(); i++)
      make_output_integer(node, node.outputs[i], rule.output(i));
  }

  // An activation that is always or nearly zero was calibrated to a scale far below what its kernel
  // can rescale to. It gets the least that will do: all of its values, as far as sums tell them
  // apart, then lie well within the range.
  void make_output_integer(const Node& node, ValueId id, const OutputRule& rule) {
    make_activation_integer(id);
    if (!info_.integer_activations()) return;
    const OpDef& def = op_def(node.op);
    if (rule.kind == OutputRule::Kind::same_as)
      graph_.value(id).type.quantization =
          graph_.value(node.inputs.at(static_cast<size_t>(rule.input))).type.quantization;
    else if (rule.kind == OutputRule::Kind::free && def.least_output_scale != nullptr)
      raise_scale(id, def.least_output_scale(node.op,
                                             Lowering(graph_, node, MOTE_ROUNDING_DOUBLE, homes_)));
  }

  void raise_scale(ValueId id, double least) {
    if (!info_.integer_activations()) return;
    float& scale = graph_.value(id).type.quantization.value().scale.at(0);
    least = std::max(least, least_scales_[static_cast<size_t>(id)]);
    scale = std::max(scale, static_cast<float>(least));
  }

  // What those that read a value, or take over its scale, ask of it.
  std::vector<double> least_scales(const Graph& graph) const {
    std::vector<double> least(graph.values.size(), 0.0);
    for (auto it = graph.nodes.rbegin(); it != graph.nodes.rend(); ++it) {
      const Node& node = *it;
      const OpDef& def = op_def(node.op);
      const QuantizationRule rule = def.quantization(node.op, options_.scheme);
      const auto ask = [&](int32_t input, double scale) {
        double& of_input = least[static_cast<size_t>(node.inputs.at(static_cast<size_t>(input)))];
        of_input = std::max(of_input, scale);
      };
      if (def.least_input_scale != nullptr) ask(0, def.least_input_scale(node.op));
      for (size_t i = 0; i < node.outputs.size(); i++)
        if (rule.output(i).kind == OutputRule::Kind::same_as)
          ask(rule.output(i).input, least[static_cast<size_t>(node.outputs[i])]);
    }
    return least;
  }

  // float32 with a quantization becomes integers of it, data included.
  void make_activation_integer(ValueId id) {
    Value& value = graph_.value(id);
    if (!info_.integer_activations() || value.type.dtype != DType::float32) return;
    if (!value.type.quantization || value.type.quantization->bits != 8 * size_of(info_.activations))
      throw Error(ErrorKind::internal,
                  fmt::format("the value was not calibrated for {}", info_.name),
                  fmt::format("value '{}'", value.name));
    value.type.dtype = info_.activations;
    if (value.constant())
      value.data = std::make_shared<const Bytes>(quantized(value.type, data_as<float>(value)));
  }

  // In place, or as a value of its own where another node, which may need other scales, reads it
  // too.
  void replace_constant(Node& node, size_t index, TensorType type, Bytes data) {
    Value& value = graph_.value(node.inputs[index]);
    const bool shared = consumers_[static_cast<size_t>(node.inputs[index])].size() > 1;
    if (shared) {
      const auto mask = value.mask;
      node.inputs[index] = add_constant(graph_, value.name, std::move(type), std::move(data));
      graph_.value(node.inputs[index]).mask = mask;
      return;
    }
    value.type = std::move(type);
    value.data = std::make_shared<const Bytes>(std::move(data));
  }

  void make_half(Node& node, size_t index, const Value& constant) {
    replace_constant(node, index, {DType::float16, constant.type.shape, {}}, halves_of(constant));
  }

  // The constant that becomes `dtype`, with its float data; nothing where it stays as it is.
  std::optional<Value> float_constant(const Node& node, size_t index, DType dtype) const {
    const Value& value = graph_.value(node.inputs[index]);
    if (value.type.dtype != DType::float32 || dtype == DType::float32) return std::nullopt;
    if (!value.constant())
      throw Error(ErrorKind::unsupported, "weights or a bias that are computed", describe(node));
    return value;
  }

  void quantize_weights(Node& node, size_t index, const QuantizationRule& rule, int32_t bits) {
    const std::optional<Value> weights = float_constant(node, index, info_.weights);
    if (!weights || element_count(weights->type.shape) < info_.least_elements) return;
    if (info_.weights == DType::float16) return make_half(node, index, *weights);
    if (bits == 0) return;  // no kernel takes both
    Quantization q =
        weights->type.quantization
            ? *weights->type.quantization
            : weight_quantization(*weights, options_.scale_axis(rule.inputs[index].axis), bits,
                                  options_.scales);
    if (info_.integer_activations()) make_room(q, *weights, node, index + 1, rule);
    replace_constant(node, index, {info_.weights, weights->type.shape, q},
                     quantized_weights(*weights, q));
    const bool dynamic = info_.integer_weights() && !info_.integer_activations();
    if (dynamic)
      op_def(node.op).quantize_inputs_for(node.op, graph_.value(node.inputs[index]).type);
  }

  void make_room(Quantization& q, const Value& weights, const Node& node, size_t bias_index,
                 const QuantizationRule& rule) const {
    const TensorType& input = graph_.value(node.inputs.at(0)).type;
    DType accumulator = info_.bias;  // of a layer without a bias
    std::span<const float> bias;
    if (bias_index < node.inputs.size() && node.inputs[bias_index] != kNoValue) {
      accumulator = bias_type(rule.inputs[bias_index]);
      const Value& value = graph_.value(node.inputs[bias_index]);
      if (value.constant() && value.type.dtype == DType::float32) bias = data_as<float>(value);
    }
    compress::make_room(q, weights, bias, input, accumulator);
  }

  DType bias_type(const InputRule& rule) const {
    const bool narrow = info_.bias == DType::int64 && options_.bias_bits == 32 && !rule.wide_bias;
    return narrow ? DType::int32 : info_.bias;
  }

  void quantize_bias(Node& node, size_t index, const QuantizationRule& rule) {
    const DType dtype = bias_type(rule.inputs[index]);
    const std::optional<Value> bias = float_constant(node, index, dtype);
    if (!bias) return;
    if (dtype == DType::float16) return make_half(node, index, *bias);
    const float input_scale = graph_.value(node.inputs.at(0)).type.quantization.value().scale[0];
    Quantization q = graph_.value(node.inputs.at(index - 1)).type.quantization.value();
    q.axis = q.per_channel() ? 0 : -1;
    q.bits = static_cast<int32_t>(8 * size_of(dtype));
    for (float& scale : q.scale) scale = input_scale * scale;
    replace_constant(
        node, index, {dtype, bias->type.shape, q},
        dtype == DType::int64 ? integers_of<int64_t>(*bias, q) : integers_of<int32_t>(*bias, q));
  }

  Graph graph_;
  const std::vector<std::vector<int32_t>> consumers_;  // by value of the float graph
  const QuantizeOptions options_;
  const SchemeInfo& info_;
  const std::vector<int32_t> bits_;  // by node
  Homes homes_;
  const std::vector<double> least_scales_;  // by value of the float graph
};

void check(const QuantizeOptions& options) {
  if (options.bias_bits != 32 && options.bias_bits != 64)
    throw Error(ErrorKind::usage, fmt::format("biases of {} bits", options.bias_bits), {},
                "32 or 64");
}

}  // namespace

template <>
std::span<const std::string_view> choices<Granularity>() {
  return kGranularities;
}
template <>
std::span<const std::string_view> choices<Rounding>() {
  return kRoundings;
}

Graph quantize(const Graph& graph, const QuantizeOptions& options,
               const CalibrationSamples& samples) {
  check(options);
  if (!options.looks_at_samples()) return Quantizer(graph, options).run();
  return Quantizer(fitted_to_samples(graph, options, samples), options).run();
}

}  // namespace mote::compress
