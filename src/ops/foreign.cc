// Only outside interface: ops/foreign.h. Tested by foreign_test.cc.
#include "ops/foreign.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "base/error.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "ops/shape_arithmetic.h"
#include "ops/verify.h"

namespace mote {
namespace {

std::string describe(const ForeignNode& node) {
  return fmt::format("node '{}' ({})", node.name, node.type);
}

constexpr int64_t kMaxFolded = 256;

Names names_of(const ForeignGraph& foreign) {
  Names names;
  for (const ForeignValue& value : foreign.values) names.add(value.name);
  return names;
}

template <class T>
const T* find_attribute(const ForeignNode& node, std::string_view name) {
  for (const auto& [key, value] : node.attributes) {
    if (key != name) continue;
    if (const T* found = std::get_if<T>(&value)) return found;
    throw Error(ErrorKind::invalid_input, fmt::format("attribute '{}' has another type", name));
  }
  return nullptr;
}

// ---- the driver

using Mappings = std::map<std::string_view, void (*)(Importer&)>;  // by the format's operator

Mappings mappings_of(Format format) {
  Mappings result;
  for (const OpDef* def : op_defs())
    if (const auto mapping = def->mappings.find(format); mapping != def->mappings.end())
      for (const std::string_view name : mapping->second.names)
        result[name] = mapping->second.import_node;
  if (format == Format::tflite)
    for (const ShapeOperator& op : shape_operators()) result[op.tflite_name] = op.import_tflite;
  return result;
}

// All that is missing in one error: nobody wants to learn of ten operators in ten runs.
void check_operators(const ForeignGraph& foreign, const Mappings& known) {
  std::map<std::string, std::vector<std::string>> missing;
  for (const ForeignNode& node : foreign.nodes)
    if (!known.contains(node.type)) missing[node.type].push_back(node.name);
  if (missing.empty()) return;
  std::vector<std::string> parts;
  for (const auto& [type, names] : missing)
    parts.push_back(
        fmt::format("{} (node '{}'{})", type, names[0],
                    names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : ""));
  throw Error(
      ErrorKind::unsupported,
      fmt::format("the model needs operators that Mote does not have: {}", fmt::join(parts, ", ")),
      {}, "`mote kernels` lists those that it has");
}

void import_nodes(const ForeignGraph& foreign, const Mappings& mappings, Graph& graph,
                  ImportedValues& values) {
  for (const ForeignNode& node : foreign.nodes) {
    Importer importer(foreign, node, graph, values);
    try {
      mappings.at(node.type)(importer);
    } catch (const Error& error) {
      throw error.at(describe(node));
    }
  }
}

// Values that no node and no port mentions: of operators that became attributes.
void drop_unread_values(ForeignGraph& foreign) {
  std::vector<int32_t> ids(foreign.values.size(), -1);
  const auto for_each_id = [&](auto&& visit) {
    std::ranges::for_each(foreign.inputs, visit);
    std::ranges::for_each(foreign.outputs, visit);
    for (ForeignNode& node : foreign.nodes) {
      std::ranges::for_each(node.inputs, visit);
      std::ranges::for_each(node.outputs, visit);
    }
  };
  for_each_id([&](int32_t id) {
    if (id >= 0) ids[static_cast<size_t>(id)] = 0;
  });
  std::vector<ForeignValue> kept;
  for (size_t old = 0; old < ids.size(); old++) {
    if (ids[old] < 0) continue;
    ids[old] = static_cast<int32_t>(kept.size());
    kept.push_back(std::move(foreign.values[old]));
  }
  foreign.values = std::move(kept);
  for_each_id([&](int32_t& id) {
    if (id >= 0) id = ids[static_cast<size_t>(id)];
  });
}

// A file says int8 for 8 bits and INT4 for 4; which of the two, the operators' mappings decide.
ForeignValue foreign_value(const Value& value) {
  ForeignValue result{value.name, value.type, value.data, Layout::nhwc};
  if (value.type.dtype == DType::int8 && value.type.quantization)
    result.type.quantization->bits = 8;
  return result;
}

}  // namespace

Graph import_graph(const ForeignGraph& foreign, Format format, std::vector<std::string>* notes) {
  const Mappings mappings = mappings_of(format);
  check_operators(foreign, mappings);

  Graph graph;
  graph.name = foreign.name;
  graph.preprocessing = foreign.preprocessing;
  graph.labels = foreign.labels;
  ForeignGraph read = foreign;
  ImportedValues values(read, graph);
  for (const int32_t index : read.inputs) graph.inputs.push_back(values.id(index));
  import_nodes(read, mappings, graph, values);
  for (const int32_t index : read.outputs) graph.outputs.push_back(values.id(index));
  if (notes) notes->insert(notes->end(), read.notes.begin(), read.notes.end());
  verify(graph, Level::imported);
  return graph;
}

ForeignGraph export_graph(const Graph& graph, Format format, const ExportOptions& options) {
  verify(graph, Level::imported);
  Export to{.graph = graph, .options = options};
  ForeignGraph& foreign = to.foreign;
  foreign.name = graph.name;
  foreign.inputs = graph.inputs;
  foreign.outputs = graph.outputs;
  foreign.preprocessing = graph.preprocessing;
  foreign.labels = graph.labels;
  for (const Value& value : graph.values) foreign.values.push_back(foreign_value(value));
  to.names = names_of(foreign);
  for (const std::vector<int32_t>& nodes : consumers(graph))
    to.readers.push_back(static_cast<int32_t>(nodes.size()));
  for (const Node& node : graph.nodes) {
    const auto& mappings = op_def(node.op).mappings;
    const auto mapping = mappings.find(format);
    if (mapping == mappings.end())
      throw Error(ErrorKind::unsupported, "TFLite has no such operator", describe(node),
                  "optimize the graph first");
    Exporter exporter(to, node);
    try {
      mapping->second.export_node(node.op, exporter);
    } catch (const Error& error) {
      throw error.at(describe(node));
    }
  }
  drop_unread_values(foreign);
  return std::move(foreign);
}

// ---- ImportedValues

ImportedValues::ImportedValues(ForeignGraph& foreign, Graph& graph)
    : foreign_(foreign),
      graph_(graph),
      names_(names_of(foreign)),
      ids_(foreign.values.size(), kNoValue) {}

ValueId ImportedValues::id(int32_t foreign) {
  ValueId& id = ids_[static_cast<size_t>(foreign)];
  if (id != kNoValue) return id;
  const ForeignValue& value = foreign_.values[static_cast<size_t>(foreign)];
  id = value.open_type ? add_open(value.name) : add_value(graph_, value.name, value.type);
  graph_.value(id).data = value.data;
  return id;
}

void ImportedValues::replace(int32_t foreign, ValueId id) {
  ids_[static_cast<size_t>(foreign)] = id;
}

void ImportedValues::fold(int32_t foreign, Bytes data) {
  foreign_.values[static_cast<size_t>(foreign)].data =
      std::make_shared<const Bytes>(std::move(data));
}

void ImportedValues::note(std::string message) {
  foreign_.notes.push_back(std::move(message));
}

std::string ImportedValues::unused_name(const std::string& wanted) {
  return names_.add(wanted);
}

ValueId ImportedValues::add_open(const std::string& name) {
  return *open_.insert(add_value(graph_, name, {})).first;
}

void ImportedValues::settle(const Node& node) {
  if (std::ranges::none_of(node.outputs, [&](ValueId id) { return open_.contains(id); })) return;
  const std::vector<TensorType> types = infer(graph_, node);
  for (size_t i = 0; i < std::min(types.size(), node.outputs.size()); i++)
    if (open_.erase(node.outputs[i]) > 0) graph_.value(node.outputs[i]).type = types[i];
}

// ---- Importer

bool Importer::has_input(size_t index) const {
  return index < node.inputs.size() && node.inputs[index] >= 0;
}

const ForeignValue& Importer::input(size_t index) const {
  if (!has_input(index))
    throw Error(ErrorKind::invalid_input, fmt::format("input {} is missing", index));
  return foreign.values[static_cast<size_t>(node.inputs[index])];
}

const ForeignValue& Importer::output(size_t index) const {
  if (index >= node.outputs.size())
    throw Error(ErrorKind::invalid_input, fmt::format("output {} is missing", index));
  return foreign.values[static_cast<size_t>(node.outputs[index])];
}

std::vector<int64_t> Importer::constant_integers(size_t index) const {
  const ForeignValue& value = input(index);
  const Value constant{value.name, value.type, value.data};
  const auto widened = [&]<class T>(std::span<const T> elements) {
    return std::vector<int64_t>(elements.begin(), elements.end());
  };
  if (!value.data)
    throw Error(ErrorKind::unsupported, fmt::format("'{}' is not a constant", value.name));
  if (value.type.dtype == DType::int32) return widened(data_as<int32_t>(constant));
  if (value.type.dtype == DType::int64) return widened(data_as<int64_t>(constant));
  throw Error(ErrorKind::invalid_input,
              fmt::format("'{}' is {}, whole numbers expected", value.name, to_string(value.type)));
}

bool Importer::has_constant_integers(size_t index) const {
  const ForeignValue& value = input(index);
  return value.data && element_count(value.type.shape) <= kMaxFolded &&
         (value.type.dtype == DType::int32 || value.type.dtype == DType::int64);
}

int64_t Importer::integer(std::string_view name, int64_t otherwise) const {
  const auto* found = find_attribute<int64_t>(node, name);
  return found ? *found : otherwise;
}

double Importer::real(std::string_view name, double otherwise) const {
  const auto* found = find_attribute<double>(node, name);
  return found ? *found : otherwise;
}

std::string Importer::text(std::string_view name, std::string_view otherwise) const {
  const auto* found = find_attribute<std::string>(node, name);
  return found ? *found : std::string(otherwise);
}

Activation Importer::activation() const {
  const std::string name = text("fused_activation_function", "NONE");
  const auto activation = parse_activation(lower_case(name));
  if (!activation)
    throw Error(ErrorKind::unsupported, fmt::format("the fused activation is {}", name));
  return *activation;
}

Padding Importer::padding(Size2D input, Size2D window, Size2D stride, Size2D dilation) const {
  for (const Size2D size : {input, window, stride, dilation})
    if (size.height < 1 || size.width < 1)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("a window, stride or dilation is {} x {}", size.height, size.width));
  const std::string name = text("padding", "SAME");
  if (name == "VALID") return {};
  if (name == "SAME") return same_padding(input, window, stride, dilation);
  throw Error(ErrorKind::unsupported, fmt::format("the padding is {}", name));
}

void Importer::note(const std::string& message) {
  values_.note(describe(node) + ": " + message);
}

ValueId Importer::id(size_t index) {
  return has_input(index) ? values_.id(node.inputs[index]) : kNoValue;
}

const TensorType& Importer::input_type(size_t index) {
  input(index);  // throws where there is none
  return graph.value(id(index)).type;
}

ValueId Importer::retyped(size_t index, TensorType type) {
  const ForeignValue& value = input(index);
  if (type == value.type) return id(index);
  const ValueId id = add_value(graph, value.name, std::move(type));
  graph.value(id).data = value.data;
  return id;
}

ValueId Importer::intermediate(const std::string& suffix) {
  return values_.add_open(values_.unused_name(node.name + "_" + suffix));
}

ValueId Importer::intermediate(const std::string& suffix, TensorType type) {
  return add_value(graph, values_.unused_name(node.name + "_" + suffix), std::move(type));
}

ValueId Importer::constant(const std::string& suffix, TensorType type, Bytes data) {
  return add_constant(graph, values_.unused_name(node.name + "_" + suffix), std::move(type),
                      std::move(data));
}

void Importer::alias() {
  output();  // throws where there is none
  values_.replace(node.outputs[0], id(0));
}

void Importer::fold(const std::vector<int64_t>& integers) {
  const ForeignValue& made = output();
  const auto count = static_cast<int64_t>(integers.size());
  if (count > kMaxFolded)
    throw Error(ErrorKind::unsupported,
                fmt::format("computes {} numbers at import; up to {} do", count, kMaxFolded));
  if ((made.type.dtype != DType::int32 && made.type.dtype != DType::int64) ||
      element_count(made.type.shape) != count)
    throw Error(ErrorKind::invalid_input, fmt::format("makes {} whole numbers, but '{}' is {}",
                                                      count, made.name, to_string(made.type)));
  const auto stored = [&]<class T>(T) {
    std::vector<T> elements;
    for (const int64_t integer : integers) {
      if (!std::in_range<T>(integer))
        throw Error(ErrorKind::invalid_input,
                    fmt::format("makes {}, beyond {}", integer, name_of(made.type.dtype)));
      elements.push_back(static_cast<T>(integer));
    }
    return to_bytes(std::span<const T>(elements));
  };
  values_.fold(node.outputs[0],
               made.type.dtype == DType::int32 ? stored(int32_t{}) : stored(int64_t{}));
}

template <class Attributes>
void Importer::add(Attributes op, std::vector<ValueId> inputs) {
  std::vector<ValueId> outputs;
  for (const int32_t index : node.outputs) outputs.push_back(values_.id(index));
  graph.nodes.push_back({std::move(op), std::move(inputs), std::move(outputs), node.name});
  values_.settle(graph.nodes.back());
}

// Such a node has no name in the file: it takes that of the value it makes, which is unique too.
template <class Attributes>
void Importer::add(Attributes op, std::vector<ValueId> inputs, std::vector<ValueId> outputs) {
  const std::string origin = outputs.empty() ? node.name : graph.value(outputs[0]).name;
  graph.nodes.push_back({std::move(op), std::move(inputs), std::move(outputs), origin});
  values_.settle(graph.nodes.back());
}

#define MOTE_OP(Name, folder)                                   \
  template void Importer::add(ops::Name, std::vector<ValueId>); \
  template void Importer::add(ops::Name, std::vector<ValueId>, std::vector<ValueId>);
#include "ops/ops.inc"
#undef MOTE_OP

// ---- Exporter

TensorType Exporter::input_type(size_t index) const {
  return widened_type(graph.value(node.inputs.at(index)));
}

const TensorType& Exporter::output_type(size_t index) const {
  return graph.value(node.outputs.at(index)).type;
}

bool Exporter::has_input(size_t index) const {
  return index < node.inputs.size() && node.inputs[index] != kNoValue;
}

int32_t Exporter::readers(size_t index) const {
  return export_.readers[static_cast<size_t>(node.inputs.at(index))];
}

int32_t Exporter::input(size_t index) {
  if (!has_input(index)) return -1;
  const ValueId id = node.inputs[index];
  const Value& value = graph.value(id);
  if (!value.constant() || value.type.dtype != DType::float16) return id;
  const auto [entry, added] =
      export_.widened.emplace(id, static_cast<int32_t>(foreign.values.size()));
  if (!added) return entry->second;
  const std::string name = export_.names.add(value.name + "_dequantize");
  foreign.values.push_back({name, widened_type(value), nullptr, Layout::nhwc});
  foreign.nodes.push_back({"DEQUANTIZE", {}, 3, {}, {id}, {entry->second}, name});
  return entry->second;
}

int32_t Exporter::output(size_t index) const {
  return node.outputs.at(index);
}

int32_t Exporter::intermediate(const std::string& suffix, TensorType type) {
  foreign.values.push_back(
      {export_.names.add(node.origin + "_" + suffix), std::move(type), nullptr, Layout::nhwc});
  return static_cast<int32_t>(foreign.values.size() - 1);
}

int32_t Exporter::integers(const std::string& suffix, Shape shape,
                           const std::vector<int32_t>& data) {
  const int32_t index = intermediate(suffix, TensorType{DType::int32, std::move(shape), {}});
  foreign.values.back().data =
      std::make_shared<const Bytes>(to_bytes(std::span<const int32_t>(data)));
  return index;
}

ForeignNode& Exporter::add(std::string type, int32_t version, std::vector<int32_t> inputs,
                           std::vector<int32_t> outputs) {
  foreign.nodes.push_back(
      {std::move(type), {}, version, {}, std::move(inputs), std::move(outputs), node.origin});
  return foreign.nodes.back();
}

std::string Exporter::padding_name(const Padding& padding, Size2D input, Size2D window,
                                   Size2D stride, Size2D dilation) const {
  if (padding == Padding{}) return "VALID";
  return padding == same_padding(input, window, stride, dilation) ? "SAME" : "";
}

std::string Exporter::activation_name(Activation activation) {
  return upper_case(name_of(activation));
}

}  // namespace mote
