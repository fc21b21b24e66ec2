// The neutral view of a model in somebody else's format: what formats/ fill from a container and
// the operators' _tflite.cc and _onnx.cc files read and write (ops/foreign.h). Enumerations arrive
// by name ("SAME", "RELU"), numbers as int64 or double.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ir/value.h"

namespace mote {

enum class Format : uint8_t { tflite };

// How a value's dimensions are meant: ONNX activations come as NCHW, and stay so only until import.
enum class Layout : uint8_t { nhwc, nchw };

struct ForeignValue {
  std::string name;
  TensorType type;
  std::shared_ptr<const Bytes> data;  // constants only
  Layout layout = Layout::nhwc;
  bool open_type = false;  // the file does not say its type, which follows from the node's inputs
};

using Attribute = std::variant<int64_t, double, std::string, std::vector<int64_t>,
                               std::vector<double>, std::vector<std::string>>;

struct ForeignNode {
  std::string type;    // "CONV_2D", "Conv"
  std::string domain;  // "" for the standard operators
  int32_t version = 1;
  std::vector<std::pair<std::string, Attribute>> attributes;  // in the file's order
  std::vector<int32_t> inputs;  // indices into ForeignGraph::values, -1 where absent
  std::vector<int32_t> outputs;
  std::string name;  // as the user knows it; made up from type and position where the file has none
};

struct ForeignGraph {
  std::string name;
  std::vector<ForeignValue> values;
  std::vector<ForeignNode> nodes;
  std::vector<int32_t> inputs;
  std::vector<int32_t> outputs;
  std::vector<Preprocessing> preprocessing;
  std::vector<std::string> labels;
  std::vector<std::string> notes;  // what the file says and nobody goes by, for the user to see
};

}  // namespace mote
