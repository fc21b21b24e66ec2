#include "ops/lowering.h"

#include <numeric>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/node.h"

extern "C" {
#include "ops/reshape/reshape_kernels.h"
}

namespace mote {
namespace {

// Of 4 bytes each, they and all strides stay within int32.
constexpr int64_t kMaxOperandElements = (int64_t{1} << 29) - 1;

}  // namespace

std::vector<Operand> in_places(std::initializer_list<std::pair<int, Operand>> operands) {
  std::vector<Operand> result(operands.size());
  for (const auto& [place, operand] : operands) result.at(static_cast<size_t>(place)) = operand;
  return result;
}

std::vector<Operand> unary_operands(Lowering& lowering) {
  return in_places({{MOTE_UNARY_INPUT, lowering.input(0)}, {MOTE_UNARY_OUTPUT, lowering.output()}});
}

mote_weights plain_weights(const Constant& constant) {
  const WeightLayout& layout = constant.layout;
  return {.data = constant.data.data(),
          .storage = constant.storage,
          .decode = nullptr,
          .outer = layout.outer,
          .channels = layout.channels,
          .inner = layout.inner,
          .run = layout.run,
          .tile_channels = layout.tile_channels,
          .tile_offset_bytes = layout.tile_offset_bytes};
}

Rows rows_of(const Shape& shape) {
  const size_t rank = shape.size();
  if (element_count(shape) > kMaxOperandElements)
    throw Error(ErrorKind::unsupported, fmt::format("a tensor of shape {}", to_string(shape)));
  if (rank == 0) return {1, 1, 1};
  if (rank == 1) return {1, 1, shape[0]};
  if (rank == 2) return {shape[0], 1, shape[1]};
  int32_t row_elements = 1;
  for (size_t d = 2; d < rank; d++) row_elements *= shape[d];
  return {shape[0], shape[1], row_elements};
}

Extent extent_of(const Shape& shape) {
  const Rows rows = rows_of(shape);
  const int32_t channels = shape.empty() ? 1 : shape.back();
  return {rows.images, rows.rows, rows.row_elements / channels, channels};
}

namespace {

Operand rows_operand(Space space, int32_t index, const TensorType& type) {
  const Rows rows = rows_of(type.shape);
  const auto stride = static_cast<int32_t>(rows.row_elements * size_of(type.dtype));
  return {space, index, 0, stride, rows.rows, type};
}

}  // namespace

// Weights in one tile of all channels.
WeightLayout layout_of(const Shape& shape, int32_t channel_axis) {
  const auto axis = shape.begin() + channel_axis;
  const auto count = [](auto from, auto to) {
    return static_cast<int32_t>(element_count(Shape(from, to)));
  };
  return {.outer = count(shape.begin(), axis),
          .channels = *axis,
          .inner = count(axis + 1, shape.end()),
          .run = 0,
          .tile_channels = *axis};
}

Homes initial_homes(const Graph& graph) {
  Homes homes;
  homes.root.resize(graph.values.size());
  std::iota(homes.root.begin(), homes.root.end(), 0);
  for (const Value& value : graph.values) homes.pinned.push_back(value.constant());
  for (ValueId id : graph.inputs) homes.pinned[static_cast<size_t>(id)] = true;
  for (ValueId id : graph.outputs) homes.pinned[static_cast<size_t>(id)] = true;
  return homes;
}

Lowering::Lowering(const Graph& graph, const Node& node, mote_rounding rounding, Homes& homes)
    : graph(graph), node(node), rounding(rounding), homes_(homes) {
  for (const ValueId id : node.inputs) {
    if (id == kNoValue) continue;
    const ValueId root = homes.root[static_cast<size_t>(id)];
    if (root >= std::ssize(graph.values) || !graph.value(root).constant()) continue;
    Value value = widened(graph.value(root));
    if (id == root && value.type == graph.value(id).type) continue;
    if (id != root) value = {graph.value(id).name, graph.value(id).type, std::move(value.data)};
    resolved_.emplace(id, std::move(value));
  }
}

size_t Lowering::input_count() const {
  return node.inputs.size();
}

bool Lowering::has_input(size_t index) const {
  return index < node.inputs.size() && node.inputs[index] != kNoValue;
}

const Value& Lowering::input_value(size_t index) const {
  const ValueId id = node.inputs.at(index);
  const auto resolved = resolved_.find(id);
  return resolved == resolved_.end() ? graph.value(id) : resolved->second;
}

const TensorType& Lowering::input_type(size_t index) const {
  return input_value(index).type;
}

const TensorType& Lowering::output_type(size_t index) const {
  return graph.value(node.outputs.at(index)).type;
}

Operand Lowering::input(size_t index) {
  const Value& value = input_value(index);
  if (!value.constant()) return rows_operand(Space::arena, node.inputs[index], value.type);
  Operand operand = rows_operand(Space::constant, 0, value.type);
  operand.index = constant(value.name, value.type, *value.data).index;
  return operand;
}

Operand Lowering::output(size_t index) {
  return rows_operand(Space::arena, node.outputs.at(index), output_type(index));
}

Operand Lowering::intermediate(const std::string& suffix, TensorType type) {
  const auto id = static_cast<ValueId>(homes_.root.size());
  homes_.root.push_back(id);
  homes_.pinned.push_back(false);
  homes_.intermediates.push_back({fmt::format("{} {}", node.origin, suffix), type, nullptr});
  return rows_operand(Space::arena, id, type);
}

Operand Lowering::weights(size_t index, int32_t channel_axis) {
  const Value& value = input_value(index);
  if (!value.constant())
    throw Error(ErrorKind::unsupported, fmt::format("weights '{}' are no constant", value.name),
                describe(node), "make them part of the model");
  Operand operand = constant("weights", value.type, *value.data);
  operand.space = Space::weights;
  operand.type = graph.value(node.inputs[index]).type;
  constants.back().storage =
      value.type.dtype == DType::float32 ? MOTE_STORAGE_F32 : MOTE_STORAGE_DENSE8;
  constants.back().layout = layout_of(value.type.shape, channel_axis);
  return operand;
}

Operand Lowering::constant(const std::string& suffix, TensorType type, Bytes data) {
  constants.push_back(
      {fmt::format("{}_{}", node.origin, suffix), type, MOTE_STORAGE_DENSE8, std::move(data)});
  return {Space::constant, static_cast<int32_t>(constants.size() - 1), 0, 0, 0, std::move(type)};
}

Operand Lowering::constant_input(size_t index, const std::string& suffix) {
  if (!has_input(index)) return {};
  const Value& value = input_value(index);
  if (!value.constant())
    throw Error(ErrorKind::unsupported, fmt::format("'{}' is no constant", value.name),
                describe(node), "make it part of the model");
  return constant(suffix, value.type, *value.data);
}

void Lowering::alias(size_t output, size_t input) {
  const auto out = static_cast<size_t>(node.outputs.at(output));
  const ValueId root = homes_.root[static_cast<size_t>(node.inputs.at(input))];
  if (homes_.pinned[out] && homes_.pinned[static_cast<size_t>(root)]) {
    const Rows rows = rows_of(output_type(output).shape);
    const auto row_bytes =
        static_cast<int32_t>(rows.row_elements * size_of(output_type(output).dtype));
    Operand source = this->input(input);
    source.row_stride_bytes = row_bytes;
    source.image_rows = rows.rows;
    call("copy", mote_copy_params{rows.images, row_bytes},
         in_places({{MOTE_UNARY_INPUT, source}, {MOTE_UNARY_OUTPUT, this->output(output)}}));
    return;
  }
  homes_.root[out] = root;
  if (homes_.pinned[out]) homes_.pinned[static_cast<size_t>(root)] = true;
}

Error Lowering::no_kernel() const {
  std::string types;
  for (size_t i = 0; i < node.inputs.size(); i++)
    if (has_input(i)) types += fmt::format("{}{}", i ? ", " : "", name_of(input_type(i).dtype));
  return Error(ErrorKind::unsupported,
               fmt::format("no kernel makes {} from {}", name_of(output_type().dtype), types),
               describe(node));
}

void Lowering::add_call(std::string kernel, Params params, std::vector<Operand> operands,
                        int32_t scratch_bytes) {
  call_rows.push_back(operands.back().image_rows);
  calls.push_back({std::move(kernel), "reference", std::move(params), std::move(operands),
                   scratch_bytes, node.origin, node.outputs.empty() ? kNoValue : node.outputs[0]});
}

}  // namespace mote
