// Prints a Graph: one line per input, constant and node, each value declared where it is first
// needed. docs/ir.md has the grammar; the way back is text_parse.cc. Tested by text_test.cc.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/zip.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ir/text_tokens.h"

namespace mote {
namespace {

using text::print_name;
using text::print_number;

template <class T>
std::string print_list(const std::vector<T>& list, auto print_element) {
  std::string text = "[";
  for (const T& element : list) text += (text.size() > 1 ? ", " : "") + print_element(element);
  return text + "]";
}

// ---- attributes: one overload per type that a `visit` may name
// --------------------------------------

std::string print_field(int32_t value) {
  return print_number(int64_t{value});
}
std::string print_field(float value) {
  return print_number(value);
}
std::string print_field(bool value) {
  return value ? "true" : "false";
}
std::string print_field(Activation value) {
  return std::string(name_of(value));
}
std::string print_field(DType value) {
  return std::string(name_of(value));
}
std::string print_field(const Size2D& size) {
  return fmt::format("{}x{}", size.height, size.width);
}
std::string print_field(const std::vector<int32_t>& list) {
  return print_list(list, [](int32_t value) { return print_field(value); });
}
std::string print_field(const Padding& padding) {
  return print_field(
      std::vector<int32_t>{padding.top, padding.bottom, padding.left, padding.right});
}

template <class Attributes>
std::vector<std::string> print_fields(const Attributes& attributes) {
  std::vector<std::string> fields;
  Attributes::visit(attributes, [&](std::string_view name, const auto& value) {
    fields.push_back(fmt::format("{}: {}", name, print_field(value)));
  });
  return fields;
}

std::string print_attributes(const std::monostate&) {
  return "";
}

// Those that differ from the default.
template <class Attributes>
std::string print_attributes(const Attributes& attributes) {
  const std::vector<std::string> fields = print_fields(attributes);
  const std::vector<std::string> defaults = print_fields(Attributes{});
  std::string text;
  for (size_t i = 0; i < fields.size(); i++)
    if (fields[i] != defaults[i]) text += (text.empty() ? " {" : ", ") + fields[i];
  return text.empty() ? "" : text + "}";
}

// ---- types
// ----------------------------------------------------------------------------------------

template <class T>
std::string print_one_or_list(const std::vector<T>& list) {
  return list.size() == 1 ? print_field(list[0])
                          : print_list(list, [](T value) { return print_field(value); });
}

std::string print_quantization(const Quantization& q) {
  std::string text = " {scale: " + print_one_or_list(q.scale);
  const bool symmetric = std::ranges::count(q.zero_point, 0) == std::ssize(q.scale);
  if (!symmetric || q.zero_point.size() != q.scale.size())
    text += ", zero_point: " + print_one_or_list(q.zero_point);
  if (q.per_channel()) text += ", axis: " + print_field(q.axis);
  if (q.bits != Quantization{}.bits) text += ", bits: " + print_field(q.bits);
  return text + "}";
}

std::string print_type(const TensorType& type) {
  const std::string text = std::string(name_of(type.dtype)) + to_string(type.shape);
  return type.quantization ? text + print_quantization(*type.quantization) : text;
}

// ---- constants
// ------------------------------------------------------------------------------------

template <class T>
std::string print_elements(const Value& value) {
  std::string text;
  for (size_t i = 0; i < value.data->size(); i += sizeof(T)) {
    T element;
    std::memcpy(&element, value.data->data() + i, sizeof element);
    if constexpr (std::is_same_v<T, float>)
      text += (text.empty() ? "" : ", ") + print_number(element);
    else
      text += (text.empty() ? "" : ", ") + print_number(static_cast<int64_t>(element));
  }
  return "[" + text + "]";
}

std::string print_mask(const Bytes& mask) {
  return print_list(mask, [](uint8_t kept) { return print_field(int32_t{kept}); });
}

std::string print_elements_of(const Value& value) {
  using Print = std::string (*)(const Value&);
  static constexpr Print kPrint[] = {
#define MOTE_DTYPE(name, bytes, c_type) &print_elements<c_type>,
#include "ir/dtypes.inc"
#undef MOTE_DTYPE
  };
  return kPrint[static_cast<size_t>(value.type.dtype)](value);
}

class Printer {
 public:
  Printer(const Graph& graph, int64_t inline_elements)
      : graph_(graph), inline_elements_(inline_elements), declared_(graph.values.size()) {}

  PrintedGraph print() {
    result_.text = "graph " + print_name(graph_.name) + "\n";
    for (size_t i = 0; i < graph_.inputs.size(); i++) print_input(i);
    if (!graph_.labels.empty())
      result_.text += "labels " + print_list(graph_.labels, print_name) + "\n";
    for (const Node& node : graph_.nodes) print_node(node);
    for (size_t i = 0; i < graph_.values.size(); i++)
      if (!declared_[i]) print_value(static_cast<ValueId>(i));
    if (!graph_.outputs.empty()) {
      std::string names;
      for (ValueId id : graph_.outputs) names += (names.empty() ? " " : ", ") + reference(id);
      result_.text += "output" + names + "\n";
    }
    return std::move(result_);
  }

 private:
  void print_input(size_t index) {
    const std::string declaration = declare(graph_.inputs[index]);
    result_.text += "input " + declaration;
    if (index < graph_.preprocessing.size()) {
      const Preprocessing& p = graph_.preprocessing[index];
      result_.text += fmt::format(" preprocess {{scale: {}, bias: {}}}", print_one_or_list(p.scale),
                                  print_one_or_list(p.bias));
    }
    result_.text += '\n';
  }

  void print_node(const Node& node) {
    std::string inputs, outputs;
    for (ValueId id : node.inputs) {
      if (exists(id) && !declared_[static_cast<size_t>(id)]) print_value(id);
      inputs += (inputs.empty() ? "" : ", ") + reference(id);
    }
    for (ValueId id : node.outputs) outputs += (outputs.empty() ? "" : ", ") + declare(id);
    result_.text += fmt::format("{} = {}({})", outputs, name_of(node.op), inputs);
    std::visit([&](const auto& op) { result_.text += print_attributes(op); }, node.op);
    if (node.outputs.empty() || !exists(node.outputs[0]) ||
        graph_.value(node.outputs[0]).name != node.origin)
      result_.text += " from " + print_name(node.origin);
    result_.text += '\n';
  }

  // A constant, or a value that nothing makes.
  void print_value(ValueId id) {
    const Value& value = graph_.value(id);
    result_.text += "  " + declare(id);
    if (value.constant()) result_.text += " = " + print_constant(value);
    result_.text += '\n';
  }

  std::string print_constant(const Value& value) {
    const bool whole = static_cast<int64_t>(value.data->size()) == byte_size(value.type);
    if (whole && element_count(value.type.shape) <= inline_elements_)
      return print_elements_of(value) + (value.mask ? " mask " + print_mask(*value.mask) : "");
    result_.constants[value.name] = {value.data, value.mask};
    const std::string mask =
        value.mask ? fmt::format(" mask crc32 {:08x}", crc32_of(*value.mask)) : "";
    return fmt::format("crc32 {:08x}", crc32_of(*value.data)) + mask;
  }

  // Name and type where the value first occurs, later its name. A value's id is one more than that
  // of the declaration before, unless the text says otherwise.
  std::string declare(ValueId id) {
    if (!exists(id) || declared_[static_cast<size_t>(id)]) return reference(id);
    declared_[static_cast<size_t>(id)] = true;
    const std::string number = id == next_id_ ? "" : fmt::format("@{}", id);
    next_id_ = id + 1;
    return reference(id) + number + ": " + print_type(graph_.value(id).type);
  }

  std::string reference(ValueId id) const {
    if (id == kNoValue) return "_";
    return exists(id) ? print_name(graph_.value(id).name) : fmt::format("\"no value {}\"", id);
  }

  bool exists(ValueId id) const { return id >= 0 && id < std::ssize(graph_.values); }

  const Graph& graph_;
  int64_t inline_elements_;
  std::vector<bool> declared_;
  ValueId next_id_ = 0;
  PrintedGraph result_;
};

}  // namespace

PrintedGraph print(const Graph& graph, int64_t inline_elements) {
  return Printer(graph, inline_elements).print();
}

}  // namespace mote
