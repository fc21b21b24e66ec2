// parse_tflite: from hostile bytes to a view that agrees with itself. The flatbuffers verifier
// proves that offsets stay inside the file; that indices, shapes and sizes fit each other is proven
// here. Tested by tflite_test.cc and tests/fuzz/tflite_fuzz_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <tuple>

#include "base/clean_text.h"
#include "base/error.h"
#include "formats/tflite/element_types.h"
#include "formats/tflite/metadata.h"
#include "formats/tflite/options.h"
#include "formats/tflite/tflite.h"
#include "ir/names.h"
#include "ops/dense4.h"

namespace mote::formats {
namespace tflite {
namespace {

[[noreturn]] void damaged(const std::string& message, const std::string& where = {}) {
  throw Error(ErrorKind::invalid_input, message, where);
}

[[noreturn]] void unsupported(const std::string& message, const std::string& where = {},
                              const std::string& hint = {}) {
  throw Error(ErrorKind::unsupported, message, where, hint);
}

const Model& verified(std::span<const uint8_t> bytes) {
  constexpr size_t kIdentifierEnd = 8;
  if (bytes.size() < kIdentifierEnd || !ModelBufferHasIdentifier(bytes.data()))
    damaged("not a TensorFlow Lite model: bytes 4 to 7 are not \"TFL3\"");
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) unsupported("larger than 2 GB");
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!VerifyModelBuffer(verifier)) damaged("damaged: an offset in the file points outside of it");
  return *GetModel(bytes.data());
}

// Elements of a vector that the file may leave out.
template <class T>
size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector ? vector->size() : 0;
}

class Reader {
 public:
  Reader(const Model& model, size_t file_bytes)
      : model_(model), subgraph_(only_subgraph(model)), budget_(kMaxSharing * file_bytes) {}

  ForeignGraph read() {
    graph_.name = text(subgraph_.name());
    read_nodes();
    graph_.inputs = tensor_indices(subgraph_.inputs(), "the list of inputs");
    graph_.outputs = tensor_indices(subgraph_.outputs(), "the list of outputs");
    read_used_tensors();
    name_nodes();
    for (const int32_t index : graph_.inputs) check_static(index);
    read_metadata();
    return std::move(graph_);
  }

 private:
  static const SubGraph& only_subgraph(const Model& model) {
    if (model.version() != 3)
      unsupported(fmt::format("schema version {}, only 3 is known", model.version()));
    if (size_of(model.external_buffers()) > 0) unsupported("weights in other files");
    const size_t count = size_of(model.subgraphs());
    if (count == 0) damaged("the model has no subgraph");
    if (count > 1)
      unsupported(
          fmt::format("the model has {} subgraphs (control flow, or several signatures)", count),
          {}, "convert one signature without control flow");
    return *model.subgraphs()->Get(0);
  }

  // What is copied out of the file, counted: a small file whose entries all point at the same bytes
  // must not become gigabytes. Honest files share little.
  void charge(size_t bytes) {
    if (bytes > budget_) damaged("the same bytes are referred to over and over");
    budget_ -= bytes;
  }

  // By memcpy: the verifier lets vectors of 8-byte numbers lie at odd multiples of 4.
  template <class T>
  std::vector<T> copied(const flatbuffers::Vector<T>* vector) {
    charge(size_of(vector) * sizeof(T));
    std::vector<T> result(size_of(vector));
    if (!result.empty()) std::memcpy(result.data(), vector->Data(), result.size() * sizeof(T));
    return result;
  }

  std::string text(const flatbuffers::String* string) {
    if (!string) return {};
    charge(string->size());
    return clean_text(string->string_view());
  }

  // ---- nodes
  // --------------------------------------------------------------------------------------

  std::vector<int32_t> tensor_indices(const flatbuffers::Vector<int32_t>* vector,
                                      const std::string& where, int32_t lowest = 0) {
    std::vector<int32_t> indices = copied(vector);
    const auto count = static_cast<int64_t>(size_of(subgraph_.tensors()));
    for (const int32_t index : indices)
      if (index < lowest || index >= count)
        damaged(fmt::format("tensor {} of {}", index, count), where);
    return indices;
  }

  ForeignNode node(const Operator& op, size_t position) {
    const std::string where = fmt::format("operator {}", position);
    if (op.opcode_index() >= size_of(model_.operator_codes()))
      damaged(fmt::format("operator code {} of {}", op.opcode_index(),
                          size_of(model_.operator_codes())),
              where);
    const OperatorCode& code = *model_.operator_codes()->Get(op.opcode_index());
    const auto number = std::max(static_cast<int32_t>(code.builtin_code()),
                                 static_cast<int32_t>(code.deprecated_builtin_code()));
    const auto type = enum_name("BuiltinOperator", number);
    if (!type) unsupported(fmt::format("the operator's number is {}", number), where);
    if (*type == "CUSTOM")
      unsupported(fmt::format("custom operator '{}'", text(code.custom_code())), where);
    try {
      ForeignNode result{*type, {}, code.version(), read_options(op), {}, {}, {}};
      result.inputs = tensor_indices(op.inputs(), "its inputs", -1);
      result.outputs = tensor_indices(op.outputs(), "its outputs");
      return result;
    } catch (const Error& error) {
      throw error.at(fmt::format("{} ({})", where, *type));
    }
  }

  void read_nodes() {
    for (size_t i = 0; i < size_of(subgraph_.operators()); i++) {
      const Operator& op = *subgraph_.operators()->Get(static_cast<flatbuffers::uoffset_t>(i));
      graph_.nodes.push_back(node(op, i));
      for (const auto& [name, attribute] : graph_.nodes.back().attributes)
        if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute))
          charge(list->size() * sizeof(int64_t));
    }
  }

  // A node is known by the first tensor it makes: the format has no names of nodes.
  void name_nodes() {
    for (size_t i = 0; i < graph_.nodes.size(); i++) {
      ForeignNode& node = graph_.nodes[i];
      node.name = node.outputs.empty() ? fmt::format("{}_{}", node.type, i)
                                       : graph_.values[static_cast<size_t>(node.outputs[0])].name;
    }
  }

  // ---- tensors
  // ------------------------------------------------------------------------------------

  void for_each_index(auto&& visit) {
    std::ranges::for_each(graph_.inputs, visit);
    std::ranges::for_each(graph_.outputs, visit);
    for (ForeignNode& node : graph_.nodes) {
      std::ranges::for_each(node.inputs, visit);
      std::ranges::for_each(node.outputs, visit);
    }
  }

  // Converters leave tensors behind that nothing mentions.
  void read_used_tensors() {
    std::vector<int32_t> ids(size_of(subgraph_.tensors()), -1);
    for_each_index([&](int32_t index) {
      if (index >= 0) ids[static_cast<size_t>(index)] = 0;
    });
    for (size_t i = 0; i < ids.size(); i++) {
      if (ids[i] < 0) continue;
      ids[i] = static_cast<int32_t>(graph_.values.size());
      const Tensor& tensor = *subgraph_.tensors()->Get(static_cast<flatbuffers::uoffset_t>(i));
      graph_.values.push_back(value(tensor, i));
      tensors_.push_back(&tensor);
    }
    for_each_index([&](int32_t& index) {
      if (index >= 0) index = ids[static_cast<size_t>(index)];
    });
  }

  std::string unique_name(const Tensor& tensor, size_t position) {
    const std::string name = text(tensor.name());
    return names_.add(name.empty() ? fmt::format("tensor_{}", position) : name);
  }

  ForeignValue value(const Tensor& tensor, size_t position) {
    ForeignValue result;
    result.name = unique_name(tensor, position);
    try {
      if (tensor.is_variable()) unsupported("a variable that keeps its value between inferences");
      if (tensor.sparsity()) unsupported("sparse weights", {}, "convert without sparse encoding");
      result.type.dtype = element_type(tensor);
      result.type.shape = shape(tensor);
      if (quantizable(result.type.dtype))
        result.type.quantization = quantization(tensor, result.type);
      result.data = constant(tensor, result.type);
      if (is_int4(tensor) && !result.data) unsupported("activations of 4 bits");
      return result;
    } catch (const Error& error) {
      throw error.at(fmt::format("tensor '{}'", result.name));
    }
  }

  // Two a byte in the file, unpacked to int8 of 4 bits.
  static bool is_int4(const Tensor& tensor) { return tensor.type() == TensorType::INT4; }

  static DType element_type(const Tensor& tensor) {
    if (is_int4(tensor)) return DType::int8;
    const auto* row =
        std::ranges::find(kElementTypes, tensor.type(), &std::pair<TensorType, DType>::first);
    if (row != std::end(kElementTypes)) return row->second;
    const auto number = static_cast<int64_t>(tensor.type());
    unsupported(fmt::format("its element type is {}",
                            enum_name("TensorType", number).value_or(std::to_string(number))));
  }

  // A batch that the file leaves open is 1.
  Shape shape(const Tensor& tensor) {
    Shape result = copied(tensor.shape());
    if (!result.empty() && result[0] < 1 && size_of(tensor.shape_signature()) == result.size() &&
        tensor.shape_signature()->Get(0) == -1)
      result[0] = 1;
    if (result == Shape{0}) return result;  // a constant of no numbers: the shape of a scalar
    int64_t elements = 1;
    for (const int32_t size : result) {
      if (size < 1)
        unsupported(fmt::format("shape {}", to_string(result)), {}, "fix all dimensions");
      elements *= size;
      if (elements > std::numeric_limits<int32_t>::max() / 8)
        unsupported(fmt::format("shape {} is too large", to_string(result)));
    }
    return result;
  }

  // Shapes that follow from the inputs' are as the converter computed them; an input that is open
  // beyond the batch has none.
  void check_static(int32_t index) {
    const auto* signature = tensors_[static_cast<size_t>(index)]->shape_signature();
    for (flatbuffers::uoffset_t d = 1; d < size_of(signature); d++)
      if (signature->Get(d) < 0)
        unsupported(fmt::format("dimension {} is open", d),
                    fmt::format("input '{}'", graph_.values[static_cast<size_t>(index)].name),
                    "convert the model with a fixed input shape");
  }

  std::optional<Quantization> quantization(const Tensor& tensor, const mote::TensorType& type) {
    const QuantizationParameters* parameters = tensor.quantization();
    if (!parameters) return std::nullopt;
    if (parameters->details_type() != 0) unsupported("quantized in blocks, or in a way of its own");
    Quantization result;
    result.scale = copied(parameters->scale());
    if (result.scale.empty()) return std::nullopt;
    for (const float scale : result.scale)
      if (!std::isfinite(scale) || scale < 0.0f) damaged(fmt::format("scale {}", scale));

    std::vector<int64_t> zero_points = copied(parameters->zero_point());
    if (zero_points.empty()) zero_points.resize(1);
    if (zero_points.size() == 1) zero_points.resize(result.scale.size(), zero_points[0]);
    if (zero_points.size() != result.scale.size())
      damaged(fmt::format("{} scales, {} zero points", result.scale.size(), zero_points.size()));
    const Range range = integer_range(type.dtype);
    for (const int64_t zero_point : zero_points) {
      if (zero_point < range.min || zero_point > range.max)
        damaged(fmt::format("zero point {} of {}", zero_point, name_of(type.dtype)));
      result.zero_point.push_back(static_cast<int32_t>(zero_point));
    }
    result.bits = is_int4(tensor) ? 4 : static_cast<int32_t>(8 * mote::size_of(type.dtype));
    if (result.scale.size() == 1) return result;
    const auto axis = quantized_axis(*parameters, type.shape);
    if (axis) {
      result.axis = *axis;
      return result;
    }
    const std::string what = fmt::format("{} scales for dimension {} of {}", result.scale.size(),
                                         parameters->quantized_dimension(), to_string(type.shape));
    // Only biases are quantized and so wide, and the accumulator's scale is what counts for them.
    if (type.dtype != DType::int32 && type.dtype != DType::int64) damaged(what);
    graph_.notes.push_back(
        fmt::format("tensor '{}' has {}, which are ignored", text(tensor.name()), what));
    return std::nullopt;
  }

  // The dimension that has as many indices as there are scales: the one that the file names or,
  // since older converters name dimension 3 of every bias, the only one of more than one index.
  static std::optional<int32_t> quantized_axis(const QuantizationParameters& parameters,
                                               const Shape& shape) {
    const auto scales = static_cast<int64_t>(parameters.scale()->size());
    const auto fits = [&](int32_t axis) {
      return axis >= 0 && axis < std::ssize(shape) && shape[static_cast<size_t>(axis)] == scales;
    };
    if (const int32_t named = parameters.quantized_dimension(); fits(named)) return named;
    const auto long_one = std::ranges::find_if(shape, [](int32_t size) { return size > 1; });
    const auto only = static_cast<int32_t>(long_one - shape.begin());
    return fits(only) && scales == element_count(shape) ? std::optional(only) : std::nullopt;
  }

  const Buffer& buffer(uint32_t index) const {
    const size_t count = size_of(model_.buffers());
    if (index >= count) damaged(fmt::format("buffer {} of {}", index, count));
    const Buffer& result = *model_.buffers()->Get(index);
    if (result.offset() > 1) unsupported("data behind the flatbuffer");
    return result;
  }

  // The bytes of a constant, copied once for all tensors that share them; null for an activation.
  std::shared_ptr<const Bytes> constant(const Tensor& tensor, const mote::TensorType& type) {
    if (tensor.external_buffer() != 0) unsupported("weights in another file");
    const auto* data = buffer(tensor.buffer()).data();
    if (size_of(data) == 0)
      return type.shape == Shape{0} ? std::make_shared<const Bytes>() : nullptr;
    const int64_t needed = is_int4(tensor) ? (byte_size(type) + 1) / 2 : byte_size(type);
    if (static_cast<int64_t>(data->size()) != needed)
      damaged(fmt::format("buffer {} has {} bytes, {} needs {}", tensor.buffer(), data->size(),
                          to_string(type), needed));
    std::shared_ptr<const Bytes>& bytes = constants_[{data, is_int4(tensor), byte_size(type)}];
    if (bytes) return bytes;
    if (is_int4(tensor)) {
      charge(data->size());  // as much again as is copied
      bytes = std::make_shared<const Bytes>(
          unpack_dense4(copied(data), static_cast<int32_t>(byte_size(type))));
    } else {
      bytes = std::make_shared<const Bytes>(copied(data));
    }
    return bytes;
  }

  // ---- metadata
  // -----------------------------------------------------------------------------------

  void read_metadata() {
    for (size_t i = 0; i < size_of(model_.metadata()); i++) {
      const Metadata& entry = *model_.metadata()->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (!entry.name() || entry.name()->string_view() != kMetadataName) continue;
      const Bytes json = copied(buffer(entry.buffer()).data());
      parse_metadata({reinterpret_cast<const char*>(json.data()), json.size()}, graph_);
      return;
    }
  }

  static constexpr size_t kMaxSharing = 16;

  const Model& model_;
  const SubGraph& subgraph_;
  size_t budget_;
  ForeignGraph graph_;
  std::vector<const Tensor*> tensors_;  // of graph_.values
  Names names_;
  // By what is read, how, and how much of it: an odd number of INT4 has a byte in common with one
  // more.
  std::map<std::tuple<const void*, bool, int64_t>, std::shared_ptr<const Bytes>> constants_;
};

}  // namespace
}  // namespace tflite

ForeignGraph parse_tflite(std::span<const uint8_t> bytes, const std::string& where) {
  try {
    return tflite::Reader(tflite::verified(bytes), bytes.size()).read();
  } catch (const Error& error) {
    throw error.at(where);
  }
}

}  // namespace mote::formats
