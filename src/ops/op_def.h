// OpDef: everything that the rest of Mote needs to know about an operator, so that no part grows a
// switch over operators. Each folder ops/<op>/ defines one (<op>.cc); the table is ops.inc.
// Tested by op_def_test.cc and each folder's own test.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "ir/foreign_node.h"
#include "ir/opaque_op.h"
#include "ir/scheme.h"
#include "ir/types.h"
#include "ops/channels.h"

namespace mote {

class Importer;  // ops/foreign.h
class Exporter;
class Lowering;  // ops/lowering.h

// ---- quantization rules, as data

enum class Role : uint8_t {
  activation,  // quantized by calibration, per tensor
  weight,      // symmetric, narrow range, per channel of `axis` (or per tensor where axis is -1)
  bias,  // scale = product of the activation's (input 0) and the weight's (input 1), zero point 0
  parameter,  // never quantized: statistics of a BatchNorm
};

struct InputRule {
  Role role = Role::activation;
  int32_t axis = -1;       // weights: the dimension with one scale per index
  bool wide_bias = false;  // beside int16, TFLite knows this bias with 64 bits only
};

struct OutputRule {
  enum class Kind : uint8_t {
    free,     // calibration decides
    same_as,  // the scale and zero point of input `input`
    fixed,    // `fixed`, whatever calibration saw
  };
  Kind kind = Kind::free;
  int32_t input = 0;
  Quantization fixed = {};
};

// What a scheme does to an operator. `inputs` and `outputs` have an entry for each of the
// operator's; a single one holds for all. `stays_float`: it has no integer form. Where the scheme's
// activations are floats, only the roles of weights and biases count.
struct QuantizationRule {
  bool stays_float = false;
  std::vector<InputRule> inputs = {};
  std::vector<OutputRule> outputs = {{}};

  const InputRule& input(size_t index) const { return inputs.at(inputs.size() == 1 ? 0 : index); }
  const OutputRule& output(size_t index) const {
    return outputs.at(outputs.size() == 1 ? 0 : index);
  }
};

// ---- cost

struct Cost {
  int64_t macs = 0;        // multiply-accumulates, taps in the padding included
  int64_t parameters = 0;  // trainable numbers
};

// ---- formats

// The operator in somebody else's format. <op>_tflite.cc and the like define one each.
struct Mapping {
  std::vector<std::string_view> names;  // of the format's operators that import_node takes
  void (*import_node)(Importer& importer);
  void (*export_node)(const Op& op, Exporter& exporter);
};

// ---- the definition

using Types = std::span<const TensorType>;  // absent optional inputs have an empty shape

// An operand and an output of an operator, by their indices.
struct Edge {
  size_t input = 0;
  size_t output = 0;
};

// Of a node some of whose channels are removed: which ones stay of each input and each output.
// Those of inputs that are absent or constant are empty.
struct KeptOfNode {
  std::vector<KeptChannels> inputs;
  std::vector<KeptChannels> outputs;
};

// What a sum of products lies between.
struct SumRange {
  int64_t least = 0;
  int64_t most = 0;
};

struct OpDef {
  std::string_view name;  // "Conv2D"
  int32_t min_inputs = 1;
  int32_t max_inputs = 1;

  // The dtype and shape of every output from the inputs'. Throws Error{invalid_input} whose message
  // names the shapes that do not go together; the caller adds the node. The quantization of the
  // results is left empty unless the operator determines it (Quantize).
  std::vector<TensorType> (*infer)(const Op& op, Types inputs) = nullptr;

  // Beyond shapes: what `verify` checks of a node with integer operands (scales, zero points,
  // axes). May be null. Throws as `infer`.
  void (*check_quantized)(const Op& op, Types inputs, Types outputs) = nullptr;

  Cost (*cost)(const Op& op, Types inputs, Types outputs) = nullptr;

  // How the channels of one output depend on one operand.
  Channels (*channels)(const Op& op, Types inputs, Types outputs, Edge edge) = nullptr;

  // Makes attributes that count channels follow where some are removed, of those that `channels`
  // says belong together (passes/channel_groups.h); `inputs` has them all. Null where no attribute
  // counts any.
  void (*keep_channels)(Op& op, Types inputs, const KeptOfNode& kept) = nullptr;

  QuantizationRule (*quantization)(const Op& op, Scheme scheme) = nullptr;

  // The activation attribute, for fusing; null where the operator has none.
  Activation* (*activation)(Op& op) = nullptr;

  // Of an operator that takes int8 weights beside float activations, which it then quantizes on the
  // fly: sets whether with a zero point, as TFLite does for such weights. Null for all others.
  void (*quantize_inputs_for)(Op& op, const TensorType& weights) = nullptr;

  // The inputs that are trained (not moving statistics), as indices; empty where none.
  std::vector<int32_t> trainable_inputs = {};

  // Inputs whose memory the output may take, element for element, when they die here.
  std::vector<int32_t> in_place_inputs = {};

  // Of a layer whose activations are integers: what its outputs lie between, by output channel,
  // where the sums that are rescaled to them, bias included, lie between `sums`; whichever way they
  // are rounded (docs/arithmetic.md). Throws as `lower`, where it cannot prove that no sum leaves
  // its bits. Null for all other operators.
  std::vector<Range> (*output_ranges)(const Op& op, const Lowering& lowering,
                                      std::span<const SumRange> sums) = nullptr;

  // The least scale of the output that integer kernels can rescale to, whatever the integers of the
  // inputs, weights and bias, which have theirs already: what `lower` proves. A smaller one would
  // tell apart what the sums do not. Null where the rule decides the output's scale.
  double (*least_output_scale)(const Op& op, const Lowering& lowering) = nullptr;
  // The least scale of input 0, likewise; null where any will do.
  double (*least_input_scale)(const Op& op) = nullptr;

  // Adds the kernel calls of one node. Throws Error{unsupported} where no kernel fits.
  void (*lower)(const Op& op, Lowering& lowering) = nullptr;

  // Formats that have the operator.
  std::map<Format, Mapping> mappings = {};
};

// The cost of operators that neither multiply nor learn.
Cost no_cost(const Op& op, Types inputs, Types outputs);

// The channels of operators that work element by element, and of those that mix all channels.
Channels same_channels(const Op& op, Types inputs, Types outputs, Edge edge);
Channels all_channels(const Op& op, Types inputs, Types outputs, Edge edge);

// The functions of an operator of one output, which know only that one, as OpDef wants them:
// `.infer = one_output<infer>`.
template <TensorType (*infer)(const Op& op, Types inputs)>
std::vector<TensorType> one_output(const Op& op, Types inputs) {
  return {infer(op, inputs)};
}
template <void (*check_quantized)(const Op& op, Types inputs, const TensorType& output)>
void one_output(const Op& op, Types inputs, Types outputs) {
  check_quantized(op, inputs, outputs[0]);
}
template <Cost (*cost)(const Op& op, Types inputs, const TensorType& output)>
Cost one_output(const Op& op, Types inputs, Types outputs) {
  return cost(op, inputs, outputs[0]);
}

// The definition of an operator, and all of them in the order of ops.inc.
const OpDef& op_def(const Op& op);
std::span<const OpDef* const> op_defs();

// What <op>.cc defines, as a specialization for its attributes.
template <class Attributes>
const OpDef& definition();

template <class Attributes>
Activation* activation_of(Op& op) {
  return &as<Attributes>(op).activation;
}

}  // namespace mote
