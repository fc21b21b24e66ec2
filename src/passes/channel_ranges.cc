#include "passes/channel_ranges.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "ops/lowering.h"
#include "ops/requantization.h"
#include "ops/verify.h"
#include "passes/constant_node.h"
#include "passes/node_channels.h"

namespace mote::passes {
namespace {

// Of all activations of a node that is run to see what it makes of constants.
constexpr int64_t kMaxBytes = int64_t{1} << 24;

using Ranges = std::vector<ChannelRange>;

ChannelRange one_number(double number) {
  return {number, number};
}

ChannelRange range_of_type(DType dtype) {
  if (dtype != DType::int8 && dtype != DType::uint8 && dtype != DType::int16) return {};
  const Range range = integer_range(dtype);
  return {static_cast<double>(range.min), static_cast<double>(range.max)};
}

// ---- numbers of any type

template <class T>
double number_at(const uint8_t* element) {
  T number;
  std::memcpy(&number, element, sizeof number);
  return static_cast<double>(number);
}
template <class T>
void put_number(uint8_t* element, double number) {
  const T as_type = static_cast<T>(number);
  std::memcpy(element, &as_type, sizeof as_type);
}

struct Access {
  double (*number_at)(const uint8_t* element);
  void (*put_number)(uint8_t* element, double number);
};

const Access& access_to(DType dtype) {
  static constexpr Access table[] = {
#define MOTE_DTYPE(name, bytes, c_type) {number_at<c_type>, put_number<c_type>},
#include "ir/dtypes.inc"
#undef MOTE_DTYPE
  };
  return table[static_cast<size_t>(dtype)];
}

// ---- layers

// The numbers of each input channel, counted from the zero point.
struct Inputs {
  std::vector<int64_t> least, most;
};

Inputs inputs_of(const TensorType& type, const Ranges& ranges, int32_t channels) {
  const int64_t zero_point = zero_point_of(type);
  const ChannelRange any = range_of_type(type.dtype);
  Inputs inputs;
  for (int32_t c = 0; c < channels; c++) {
    const ChannelRange& range = ranges.empty() ? any : ranges[static_cast<size_t>(c)];
    inputs.least.push_back(static_cast<int64_t>(range.least) - zero_point);
    inputs.most.push_back(static_cast<int64_t>(range.most) - zero_point);
  }
  return inputs;
}

// Limited such that no sum leaves 64 bits; one that large is not proven anyway.
int64_t bias_at(const Value& bias, size_t channel) {
  constexpr int64_t kLargest = int64_t{1} << 62;
  if (bias.type.dtype == DType::int32) return data_as<int32_t>(bias)[channel];
  return std::min(std::max(data_as<int64_t>(bias)[channel], -kLargest), kLargest);
}

// Products of one weight and all that it meets; where it may lie beyond the border, nothing too.
std::vector<SumRange> sums_of(const Layer& layer, const Inputs& inputs) {
  const std::span<const int8_t> numbers = data_as<int8_t>(*layer.weights);
  const WeightChannels of_weights = weight_channels_of(layer);
  std::vector<SumRange> sums(static_cast<size_t>(layer.output_channels));
  for (size_t k = 0; k < numbers.size(); k++) {
    const auto input = static_cast<size_t>(of_weights.input[k]);
    auto [low, high] =
        std::minmax({numbers[k] * inputs.least[input], numbers[k] * inputs.most[input]});
    if (layer.of_input.border) {
      low = std::min(low, int64_t{0});
      high = std::max(high, int64_t{0});
    }
    sums[static_cast<size_t>(of_weights.output[k])].least += low;
    sums[static_cast<size_t>(of_weights.output[k])].most += high;
  }
  for (size_t o = 0; o < sums.size() && layer.bias; o++) {
    sums[o].least += bias_at(*layer.bias, o);
    sums[o].most += bias_at(*layer.bias, o);
  }
  return sums;
}

// Nothing where the sums are not proven.
std::optional<Ranges> ranges_of_sums(const NodeChannels& channels, const Layer& layer,
                                     const Ranges& input) {
  const OpDef& def = op_def(channels.node.op);
  if (!def.output_ranges || !is_integer(channels.inputs[0])) return std::nullopt;
  const Graph small = alone(channels.graph, channels.node);
  Homes homes = initial_homes(small);
  const Lowering lowering(small, small.nodes[0], MOTE_ROUNDING_DOUBLE, homes);
  try {
    check_quantized(small, small.nodes[0]);
    const std::vector<SumRange> sums =
        sums_of(layer, inputs_of(channels.inputs[0], input, layer.input_channels));
    Ranges ranges;
    for (const Range& range : def.output_ranges(channels.node.op, lowering, sums))
      ranges.push_back({static_cast<double>(range.min), static_cast<double>(range.max)});
    return ranges;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// What a channel makes that reads nothing but constants, and no others at the border.
void add_sums(const NodeChannels& channels, const Layer& layer, const Ranges& input,
              Ranges& output) {
  const std::vector<float> numbers = float_data(*layer.weights);
  const WeightChannels of_weights = weight_channels_of(layer);
  const std::vector<float> bias =
      layer.bias ? float_data(*layer.bias) : std::vector<float>(output.size(), 0.0f);
  std::vector<double> sums(bias.begin(), bias.end());
  for (size_t k = 0; k < numbers.size(); k++) {
    if (numbers[k] == 0.0f) continue;
    const ChannelRange in =
        input.empty() ? ChannelRange{} : input[static_cast<size_t>(of_weights.input[k])];
    const bool known = in.constant() && (in.least == 0.0 || !layer.of_input.border);
    sums[static_cast<size_t>(of_weights.output[k])] +=
        known ? numbers[k] * in.least : std::numeric_limits<double>::quiet_NaN();
  }
  Op op = channels.node.op;
  const auto activation = op_def(op).activation;
  const RealRange range = range_of(activation ? *activation(op) : Activation::none);
  for (size_t c = 0; c < output.size(); c++)
    if (const auto sum = static_cast<float>(sums[c]); std::isfinite(sum))
      output[c] = one_number(std::min(std::max(sum, range.min), range.max));
}

// ---- other nodes

class NodeRanges {
 public:
  NodeRanges(const NodeChannels& channels, const ChannelRanges& known)
      : channels_(channels), node_(channels.node), known_(known) {}

  // The outputs' channels that are made of constants alone.
  std::vector<std::vector<bool>> made_of_constants() const {
    std::vector<std::vector<bool>> made;
    for (size_t o = 0; o < node_.outputs.size(); o++) {
      made.emplace_back(static_cast<size_t>(channels_.output_count(o)), true);
      for (size_t i = 0; i < node_.inputs.size(); i++)
        if (node_.inputs[i] != kNoValue && !channels_.constant(i)) restrict({i, o}, made.back());
    }
    return made;
  }

  // The node with its inputs filled.
  Graph filled() const {
    Graph small = alone(channels_.graph, node_);
    for (size_t i = 0; i < node_.inputs.size(); i++)
      if (node_.inputs[i] != kNoValue && !channels_.constant(i))
        small.value(small.nodes[0].inputs[i]).data =
            std::make_shared<const Bytes>(fill(channels_.inputs[i], ranges_of(i)));
    return small;
  }

  bool small_enough() const {
    int64_t bytes = 0;
    for (const auto* types : {&channels_.inputs, &channels_.outputs})
      for (const TensorType& type : *types) bytes += byte_size(type);
    return bytes <= kMaxBytes;
  }

 private:
  const Ranges& ranges_of(size_t input) const {
    return known_.of_value[static_cast<size_t>(node_.inputs[input])];
  }

  // Other channels do not count: 0.
  static Bytes fill(const TensorType& type, const Ranges& ranges) {
    Bytes bytes(static_cast<size_t>(byte_size(type)));
    const auto size = static_cast<size_t>(size_of(type.dtype));
    for (size_t i = 0; i * size < bytes.size(); i++)
      if (const ChannelRange& range = ranges[i % ranges.size()]; range.constant())
        access_to(type.dtype).put_number(&bytes[i * size], range.least);
    return bytes;
  }

  void restrict(Edge edge, std::vector<bool>& made) const {
    const Channels rule = channels_.of(edge);
    const Ranges& ranges = ranges_of(edge.input);
    const auto inputs = static_cast<int32_t>(ranges.size());
    const auto outputs = static_cast<int32_t>(made.size());
    // The class of an input or output channel, all of which counts where it is more than one.
    const auto restrict_by = [&](int32_t classes, const auto& input_class,
                                 const auto& output_class) {
      std::vector<bool> constant(static_cast<size_t>(classes), true);
      for (int32_t c = 0; c < inputs; c++)
        if (!ranges[static_cast<size_t>(c)].constant())
          constant[static_cast<size_t>(input_class(c))] = false;
      for (int32_t c = 0; c < outputs; c++)
        if (!constant[static_cast<size_t>(output_class(c))]) made[static_cast<size_t>(c)] = false;
    };
    switch (rule.kind) {
      case Channels::Kind::none:
        return;
      case Channels::Kind::moved:
        for (int32_t c = 0; c < outputs; c++)
          if (const int64_t from = rule.begin + int64_t{rule.step} * c;
              from >= 0 && from < inputs && !ranges[static_cast<size_t>(from)].constant())
            made[static_cast<size_t>(c)] = false;
        return;
      case Channels::Kind::grouped:
        return restrict_by(
            rule.groups, [&](int32_t c) { return c / (inputs / rule.groups); },
            [&](int32_t c) { return c / (outputs / rule.groups); });
      case Channels::Kind::congruent: {
        const int32_t classes = std::gcd(inputs, outputs);
        const auto class_of = [&](int32_t c) { return c % classes; };
        return restrict_by(classes, class_of, class_of);
      }
      case Channels::Kind::weights:
      case Channels::Kind::parameter:
        made.assign(made.size(), false);  // computed ones
        return;
    }
  }

  const NodeChannels& channels_;
  const Node& node_;
  const ChannelRanges& known_;
};

// The channel's element where it is the same everywhere, however the node rounded.
std::optional<double> same_everywhere(const TensorType& type, const Bytes& twice, const Bytes& once,
                                      size_t channel) {
  const auto size = static_cast<size_t>(size_of(type.dtype));
  const size_t step = size * static_cast<size_t>(channel_count(type.shape));
  const uint8_t* first = &twice[channel * size];
  for (size_t at = channel * size; at < twice.size(); at += step)
    if (std::memcmp(&twice[at], first, size) != 0 || std::memcmp(&once[at], first, size) != 0)
      return std::nullopt;
  if (type.dtype == DType::int64) return std::nullopt;  // a double would not hold it
  const double number = access_to(type.dtype).number_at(first);
  return std::isnan(number) ? std::nullopt : std::optional(number);
}

void add_constants(const NodeChannels& channels, ChannelRanges& known) {
  const NodeRanges node(channels, known);
  const std::vector<std::vector<bool>> made = node.made_of_constants();
  const bool any = std::ranges::any_of(
      made, [](const auto& of) { return std::ranges::find(of, true) != of.end(); });
  if (!any || !node.small_enough()) return;
  const Graph filled = node.filled();
  const auto twice = run_on_constants(filled, MOTE_ROUNDING_DOUBLE);
  const auto once = run_on_constants(filled, MOTE_ROUNDING_SINGLE);
  if (!twice || !once) return;
  for (size_t o = 0; o < made.size(); o++)
    for (size_t c = 0; c < made[o].size(); c++)
      if (const auto number = made[o][c]
                                  ? same_everywhere(channels.outputs[o], (*twice)[o], (*once)[o], c)
                                  : std::nullopt)
        known.of_value[static_cast<size_t>(channels.node.outputs[o])][c] = one_number(*number);
}

}  // namespace

ChannelRanges channel_ranges(const Graph& graph, FloatLayers floats) {
  ChannelRanges known{std::vector<Ranges>(graph.values.size()),
                      std::vector<bool>(graph.nodes.size())};
  for (size_t i = 0; i < graph.values.size(); i++) {
    const Value& value = graph.values[i];
    if (!value.constant())
      known.of_value[i].assign(static_cast<size_t>(channel_count(value.type.shape)),
                               range_of_type(value.type.dtype));
  }
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const NodeChannels channels(graph, graph.nodes[n]);
    const std::optional<Layer> layer = layer_of(channels);
    if (!layer) {
      add_constants(channels, known);
      continue;
    }
    Ranges& output = known.of_value[static_cast<size_t>(channels.node.outputs[0])];
    const Ranges& input = known.of_value[static_cast<size_t>(channels.node.inputs[0])];
    if (auto ranges = ranges_of_sums(channels, *layer, input)) {
      output = std::move(*ranges);
      known.proven[n] = true;
    } else if (floats == FloatLayers::with_finite_numbers && has_float_weights(channels, *layer)) {
      add_sums(channels, *layer, input, output);
    }
  }
  return known;
}

}  // namespace mote::passes
