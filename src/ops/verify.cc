#include "ops/verify.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/node.h"
#include "ops/batch_norm/batch_norm.h"
#include "ops/op_def.h"

namespace mote {
namespace {

[[noreturn]] void fail(const std::string& message, const std::string& where) {
  throw Error(ErrorKind::invalid_input, message, where);
}

std::vector<TensorType> input_types(const Graph& graph, const Node& node) {
  std::vector<TensorType> types;
  for (ValueId id : node.inputs)
    types.push_back(id == kNoValue ? TensorType{} : widened_type(graph.value(id)));
  return types;
}

std::vector<TensorType> output_types(const Graph& graph, const Node& node) {
  std::vector<TensorType> types;
  for (ValueId id : node.outputs) types.push_back(graph.value(id).type);
  return types;
}

void check_quantization(const Value& value) {
  if (!value.type.quantization) return;
  const Quantization& q = *value.type.quantization;
  const std::string where = fmt::format("value '{}'", value.name);
  if (q.scale.empty() || q.scale.size() != q.zero_point.size())
    fail(fmt::format("{} scales, {} zero points", q.scale.size(), q.zero_point.size()), where);
  if (!q.per_channel() && q.scale.size() != 1)
    fail(fmt::format("{} scales without an axis", q.scale.size()), where);
  if (q.axis < -1) fail(fmt::format("quantization axis {}", q.axis), where);
  if (q.per_channel()) {
    const auto rank = static_cast<int32_t>(value.type.shape.size());
    if (q.axis >= rank)
      fail(fmt::format("quantization axis {} of shape {}", q.axis, to_string(value.type.shape)),
           where);
    if (static_cast<int32_t>(q.scale.size()) != value.type.shape[static_cast<size_t>(q.axis)])
      fail(fmt::format("{} scales for dimension {} of {}", q.scale.size(), q.axis,
                       to_string(value.type.shape)),
           where);
  }
  for (float scale : q.scale)
    if (!(scale >= 0.0f) || scale > 3.4e38f) fail(fmt::format("scale {}", scale), where);
  if (q.bits < 2 || q.bits > 64) fail(fmt::format("{} bits", q.bits), where);
}

void check_size(const Value& value, const std::string& where) {
  const Shape& shape = value.type.shape;
  if (std::ranges::any_of(shape, [](int32_t size) { return size < 1; }))
    fail(fmt::format("shape {}", to_string(shape)), where);
  try {
    const int64_t bytes = byte_size(value.type);
    if (value.constant() && static_cast<int64_t>(value.data->size()) != bytes)
      fail(fmt::format("{} bytes of data for {}", value.data->size(), to_string(value.type)), {});
  } catch (const Error& error) {
    throw error.at(where);
  }
}

// Weights are symmetric: what is pruned is zero as an integer too.
template <class T>
bool masked_are_zero(const Value& value) {
  const auto elements = data_as<T>(value);
  for (size_t i = 0; i < elements.size(); i++)
    if ((*value.mask)[i] == 0 && elements[i] != T{}) return false;
  return true;
}

void check_mask(const Value& value, const std::string& where) {
  if (!value.mask) return;
  if (!value.constant() || std::ssize(*value.mask) != element_count(value.type.shape))
    fail(fmt::format("a mask of {} for {}", value.mask->size(), to_string(value.type)), where);
  if (std::ranges::any_of(*value.mask, [](uint8_t kept) { return kept > 1; }))
    fail("a mask of other numbers than 0 and 1", where);
  const Value wide = widened(value);  // float16 has a zero of either sign
  using Check = bool (*)(const Value&);
  static constexpr Check kCheck[] = {
#define MOTE_DTYPE(name, bytes, c_type) &masked_are_zero<c_type>,
#include "ir/dtypes.inc"
#undef MOTE_DTYPE
  };
  if (!kCheck[static_cast<size_t>(wide.type.dtype)](wide))
    fail("what its mask has pruned is not zero", where);
}

void check_values(const Graph& graph) {
  std::unordered_set<std::string_view> names;
  for (const Value& value : graph.values) {
    const std::string where = fmt::format("value '{}'", value.name);
    if (value.name.empty() || !names.insert(value.name).second)
      fail("the name is empty or used twice", where);
    check_size(value, where);
    check_quantization(value);
    check_mask(value, where);
  }
}

bool exists(const Graph& graph, ValueId id) {
  return id >= 0 && id < std::ssize(graph.values);
}

// Marks what the graph is given before its first node; the rest is made by nodes, in order.
std::vector<bool> given_values(const Graph& graph) {
  std::vector<bool> known;
  for (const Value& value : graph.values) known.push_back(value.constant());
  for (ValueId id : graph.inputs) {
    if (!exists(graph, id))
      fail(fmt::format("input names value {} of {}", id, known.size()), graph.name);
    if (known[static_cast<size_t>(id)])
      fail("an input is listed twice or is a constant",
           fmt::format("value '{}'", graph.value(id).name));
    known[static_cast<size_t>(id)] = true;
  }
  return known;
}

void check_order(const Graph& graph, const Node& node, std::vector<bool>& known) {
  for (ValueId id : node.inputs) {
    if (id == kNoValue) continue;
    if (!exists(graph, id))
      fail(fmt::format("reads value {} of {}", id, known.size()), describe(node));
    if (!known[static_cast<size_t>(id)])
      fail(fmt::format("reads '{}' before anything makes it", graph.value(id).name),
           describe(node));
  }
  for (ValueId id : node.outputs) {
    if (!exists(graph, id))
      fail(fmt::format("makes value {} of {}", id, known.size()), describe(node));
    if (known[static_cast<size_t>(id)])
      fail(fmt::format("makes '{}' again", graph.value(id).name), describe(node));
    known[static_cast<size_t>(id)] = true;
  }
}

void check_ids(const Graph& graph) {
  std::vector<bool> known = given_values(graph);
  for (const Node& node : graph.nodes) check_order(graph, node, known);
  if (graph.outputs.empty()) fail("no output", graph.name);
  for (ValueId id : graph.outputs)
    if (!exists(graph, id) || !known[static_cast<size_t>(id)])
      fail(fmt::format("output names value {}, which nothing makes", id), graph.name);
}

// One factor and one offset for all channels of the input, or one for each.
void check_preprocessing(const Graph& graph) {
  if (graph.preprocessing.empty()) return;
  if (graph.preprocessing.size() != graph.inputs.size())
    fail(fmt::format("{} preprocessings for {} inputs", graph.preprocessing.size(),
                     graph.inputs.size()),
         graph.name);
  for (size_t i = 0; i < graph.inputs.size(); i++) {
    const Value& input = graph.value(graph.inputs[i]);
    const size_t channels =
        input.type.shape.empty() ? 1 : static_cast<size_t>(input.type.shape.back());
    for (const std::vector<float>* numbers :
         {&graph.preprocessing[i].scale, &graph.preprocessing[i].bias})
      if (numbers->size() != 1 && numbers->size() != channels)
        fail(fmt::format("preprocessing of {} channels for {}", numbers->size(),
                         to_string(input.type)),
             fmt::format("value '{}'", input.name));
  }
}

// What operators rely on when they look at their inputs.
void check_arity(const Node& node) {
  const OpDef& def = op_def(node.op);
  const auto inputs = static_cast<int32_t>(node.inputs.size());
  if (inputs < def.min_inputs || inputs > def.max_inputs)
    fail(fmt::format("{} inputs, {} to {} expected", inputs, def.min_inputs, def.max_inputs),
         describe(node));
  for (int32_t i = 0; i < def.min_inputs; i++)
    if (node.inputs[static_cast<size_t>(i)] == kNoValue)
      fail(fmt::format("input {} is missing", i), describe(node));
}

void check_types(const Graph& graph, const Node& node) {
  const std::vector<TensorType> inferred = infer(graph, node);
  if (node.outputs.size() != inferred.size())
    fail(fmt::format("{} outputs, {} expected", node.outputs.size(), inferred.size()),
         describe(node));
  for (size_t i = 0; i < inferred.size(); i++) {
    const Value& output = graph.value(node.outputs[i]);
    if (output.type.shape != inferred[i].shape || output.type.dtype != inferred[i].dtype)
      fail(fmt::format("output '{}' is {}{}, but from the inputs follows {}{}", output.name,
                       name_of(output.type.dtype), to_string(output.type.shape),
                       name_of(inferred[i].dtype), to_string(inferred[i].shape)),
           describe(node));
  }
}

void check_optimized(const Graph& graph) {
  std::vector<bool> read(graph.values.size());
  for (const ValueId id : graph.outputs) read[static_cast<size_t>(id)] = true;
  for (const Node& node : graph.nodes)
    for (const ValueId id : node.inputs)
      if (id != kNoValue) read[static_cast<size_t>(id)] = true;
  for (const Node& node : graph.nodes) {
    if (std::holds_alternative<ops::BatchNorm>(node.op))
      fail("a batch norm that no layer has absorbed", describe(node));
    if (std::ranges::none_of(node.outputs,
                             [&](ValueId id) { return read[static_cast<size_t>(id)]; }))
      fail("nobody reads its output", describe(node));
  }
}

}  // namespace

std::vector<TensorType> infer(const Graph& graph, const Node& node) {
  check_arity(node);
  try {
    std::vector<TensorType> types = op_def(node.op).infer(node.op, input_types(graph, node));
    for (size_t i = 0; i < std::min(types.size(), node.outputs.size()); i++)
      if (!types[i].quantization)
        types[i].quantization = graph.value(node.outputs[i]).type.quantization;
    return types;
  } catch (const Error& error) {
    throw error.at(describe(node));
  }
}

void verify(const Graph& graph, Level level) {
  check_values(graph);
  check_ids(graph);
  check_preprocessing(graph);
  for (const Node& node : graph.nodes) check_types(graph, node);
  if (level >= Level::optimized) check_optimized(graph);
  if (level >= Level::quantized)
    for (const Node& node : graph.nodes) check_quantized(graph, node);
}

void check_quantized(const Graph& graph, const Node& node) {
  const OpDef& def = op_def(node.op);
  if (!def.check_quantized) return;
  try {
    def.check_quantized(node.op, input_types(graph, node), output_types(graph, node));
  } catch (const Error& error) {
    throw error.at(describe(node));
  }
}

void infer_shapes(Graph& graph) {
  for (const Node& node : graph.nodes) {
    std::vector<TensorType> types = infer(graph, node);
    for (size_t i = 0; i < types.size(); i++)
      graph.value(node.outputs.at(i)).type = std::move(types[i]);
  }
}

std::vector<ValueId> add_outputs(Graph& graph, Op op, std::vector<ValueId> inputs,
                                 const std::string& name) {
  Node node{std::move(op), std::move(inputs), {}, name};
  for (TensorType& type : infer(graph, node))
    node.outputs.push_back(add_value(graph, name, std::move(type)));
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().outputs;
}

ValueId add_node(Graph& graph, Op op, std::vector<ValueId> inputs, const std::string& name) {
  const std::vector<ValueId> outputs = add_outputs(graph, std::move(op), std::move(inputs), name);
  if (outputs.size() != 1)
    throw Error(ErrorKind::internal, fmt::format("{} outputs, 1 expected", outputs.size()), name);
  return outputs[0];
}

}  // namespace mote
