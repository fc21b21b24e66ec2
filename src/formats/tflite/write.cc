// print_tflite: a view as bytes, the same for the same view. A flatbuffer is written from its
// leaves: buffers, tensors and operators first, the model last. Tested by tflite_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/error.h"
#include "formats/tflite/element_types.h"
#include "formats/tflite/metadata.h"
#include "formats/tflite/options.h"
#include "formats/tflite/tflite.h"
#include "ops/dense4.h"

namespace mote::formats {
namespace tflite {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// The first TensorFlow Lite that has all operator versions that Mote writes is 2.3, but for these
// (tensorflow/lite/tools/versioning/runtime_version.cc).
struct Since {
  std::string_view type;
  int32_t version;
  int32_t minor;  // of TensorFlow Lite 2
};
constexpr Since kSince[] = {
    {"ADD", 3, 4},
    {"CONV_2D", 5, 4},
    {"CONV_2D", 6, 9},
    {"CONV_2D", 7, 11},
    {"CONV_2D", 8, 15},
    {"DEPTHWISE_CONV_2D", 7, 11},
    {"FULLY_CONNECTED", 10, 11},
    {"FULLY_CONNECTED", 11, 15},
    {"FULLY_CONNECTED", 12, 17},
    {"PAD", 3, 4},
    {"PADV2", 3, 4},
    {"RELU", 3, 5},
    {"RELU6", 3, 5},
    {"SUB", 5, 4},
    {"TRANSPOSE_CONV", 4, 13},
};

// What readers find that ask which runtime a file needs: 16 bytes, filled with zeros.
std::string min_runtime_version(const ForeignGraph& graph) {
  int32_t minor = 3;
  for (const ForeignNode& node : graph.nodes)
    for (const Since& since : kSince)
      if (since.type == node.type && since.version == node.version)
        minor = std::max(minor, since.minor);
  std::string version = fmt::format("2.{}.0", minor);
  version.resize(16);
  return version;
}

class Writer {
 public:
  explicit Writer(const ForeignGraph& graph) : graph_(graph) {
    buffers_.push_back(CreateBuffer(builder_));  // buffer 0: "no data"
  }

  Bytes write() {
    check_size();
    const auto subgraph = write_subgraph();
    const std::vector<Offset<Metadata>> metadata = write_metadata();
    // One after another: the order of a call's arguments would be the compiler's choice.
    const auto codes = builder_.CreateVector(operator_codes_);
    const auto subgraphs = builder_.CreateVector(&subgraph, 1);
    const auto description = builder_.CreateString("written by Mote");
    const auto buffers = builder_.CreateVector(buffers_);
    const auto entries = builder_.CreateVector(metadata);
    ModelBuilder model(builder_);
    model.add_version(3);
    model.add_operator_codes(codes);
    model.add_subgraphs(subgraphs);
    model.add_description(description);
    model.add_buffers(buffers);
    model.add_metadata(entries);
    FinishModelBuffer(builder_, model.Finish());
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

 private:
  void check_size() const {
    size_t bytes = 0;
    for (const ForeignValue& value : graph_.values) bytes += value.data ? value.data->size() : 0;
    if (bytes > FLATBUFFERS_MAX_BUFFER_SIZE / 2)
      throw Error(ErrorKind::unsupported,
                  fmt::format("{} bytes of constants in a TFLite file", bytes), graph_.name);
  }

  Offset<SubGraph> write_subgraph() {
    std::vector<Offset<Tensor>> tensors;
    for (const ForeignValue& value : graph_.values) tensors.push_back(write_tensor(value));
    std::vector<Offset<Operator>> operators;
    for (const ForeignNode& node : graph_.nodes) operators.push_back(write_operator(node));
    return CreateSubGraphDirect(builder_, &tensors, &graph_.inputs, &graph_.outputs, &operators,
                                graph_.name.c_str());
  }

  // Equal contents share a buffer.
  uint32_t write_buffer(std::span<const uint8_t> bytes) {
    const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto number = static_cast<uint32_t>(buffers_.size());
    const auto [entry, added] = buffer_by_content_.emplace(content, number);
    if (added) {
      builder_.ForceVectorAlignment(bytes.size(), 1, 16);
      buffers_.push_back(CreateBuffer(builder_, builder_.CreateVector(bytes.data(), bytes.size())));
    }
    return entry->second;
  }

  uint32_t write_buffer(std::string_view text) {
    return write_buffer({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }

  static bool is_int4(const ForeignValue& value) {
    return value.data && value.type.dtype == DType::int8 && value.type.quantization &&
           value.type.quantization->bits <= 4;
  }

  static TensorType element_type(const ForeignValue& value) {
    if (is_int4(value)) return TensorType::INT4;
    return std::ranges::find(kElementTypes, value.type.dtype, &std::pair<TensorType, DType>::second)
        ->first;
  }

  uint32_t write_data(const ForeignValue& value) {
    if (!value.data) return 0;
    if (!is_int4(value)) return write_buffer(*value.data);
    const auto* first = reinterpret_cast<const int8_t*>(value.data->data());
    packed_.push_back(pack_dense4({first, value.data->size()}));
    return write_buffer(packed_.back());
  }

  Offset<Tensor> write_tensor(const ForeignValue& value) {
    const uint32_t buffer = write_data(value);
    const auto shape = builder_.CreateVector(value.type.shape);
    const auto name = builder_.CreateString(value.name);
    Offset<QuantizationParameters> quantization;
    if (value.type.quantization && quantizable(value.type.dtype))
      quantization = write_quantization(*value.type.quantization);
    TensorBuilder tensor(builder_);
    tensor.add_shape(shape);
    tensor.add_type(element_type(value));
    tensor.add_buffer(buffer);
    tensor.add_name(name);
    if (!quantization.IsNull()) tensor.add_quantization(quantization);
    return tensor.Finish();
  }

  Offset<QuantizationParameters> write_quantization(const Quantization& quantization) {
    const std::vector<int64_t> zero_points(quantization.zero_point.begin(),
                                           quantization.zero_point.end());
    return CreateQuantizationParametersDirect(builder_, &quantization.scale, &zero_points, 0,
                                              std::max(quantization.axis, 0));
  }

  // Old readers know the first code only, which ends at 127.
  uint32_t operator_code(const ForeignNode& node) {
    const auto code = enum_value("BuiltinOperator", node.type);
    if (!code)
      throw Error(ErrorKind::internal, fmt::format("TFLite has no operator {}", node.type),
                  node.name);
    const auto number = static_cast<uint32_t>(operator_codes_.size());
    const auto [entry, added] = code_numbers_.emplace(std::pair{*code, node.version}, number);
    if (added)
      operator_codes_.push_back(
          CreateOperatorCode(builder_, static_cast<int8_t>(std::min<int64_t>(*code, 127)), 0,
                             node.version, static_cast<BuiltinOperator>(*code)));
    return entry->second;
  }

  Offset<Operator> write_operator(const ForeignNode& node) {
    const uint32_t code = operator_code(node);
    const Options options = write_options(builder_, node.type, node.attributes);
    return CreateOperatorDirect(builder_, code, &node.inputs, &node.outputs, options.type,
                                options.table);
  }

  std::vector<Offset<Metadata>> write_metadata() {
    std::vector<Offset<Metadata>> entries;
    const auto add = [&](std::string_view name, std::string_view content) {
      const uint32_t buffer = write_buffer(content);
      entries.push_back(CreateMetadata(builder_, builder_.CreateString(name), buffer));
    };
    runtime_version_ = min_runtime_version(graph_);
    add("min_runtime_version", runtime_version_);
    json_ = print_metadata(graph_);
    if (!json_.empty()) add(kMetadataName, json_);
    return entries;
  }

  const ForeignGraph& graph_;
  FlatBufferBuilder builder_;
  std::vector<Offset<Buffer>> buffers_;
  std::deque<Bytes> packed_;                                // INT4
  std::map<std::string_view, uint32_t> buffer_by_content_;  // into graph_ and packed_
  std::vector<Offset<OperatorCode>> operator_codes_;
  std::map<std::pair<int64_t, int32_t>, uint32_t> code_numbers_;
  std::string runtime_version_, json_;  // metadata
};

}  // namespace
}  // namespace tflite

Bytes print_tflite(const ForeignGraph& graph) {
  return tflite::Writer(graph).write();
}

}  // namespace mote::formats
