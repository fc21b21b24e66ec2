#include "deploy/emit/literals.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/error.h"

namespace mote::deploy {
namespace {

constexpr size_t kColumns = 100;
constexpr std::string_view kIndent = "    ";

template <class T>
T load(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::string element_literal(DType dtype, const uint8_t* element) {
  switch (dtype) {
    case DType::float32:
      return float_literal(load<float>(element));
    case DType::int8:
      return integer_literal(load<int8_t>(element));
    case DType::uint8:
    case DType::boolean:
      return integer_literal(*element);
    case DType::int16:
      return integer_literal(load<int16_t>(element));
    case DType::float16:
      return integer_literal(load<uint16_t>(element));
    case DType::int32:
      return integer_literal(load<int32_t>(element));
    case DType::int64:
      return integer_literal(load<int64_t>(element));
  }
  throw Error(ErrorKind::internal, "element type without a literal");
}

}  // namespace

std::string float_literal(float value) {
  if (std::isnan(value)) throw Error(ErrorKind::unsupported, "a constant is not a number");
  if (std::isinf(value)) return value > 0 ? "(1.0f / 0.0f)" : "(-1.0f / 0.0f)";
  std::string text = fmt::format("{}", value);  // the shortest that reads back equal
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  text += 'f';
  return text;
}

std::string integer_literal(int64_t value) {
  if (value == std::numeric_limits<int64_t>::min()) return "INT64_MIN";
  if (value == std::numeric_limits<int32_t>::min()) return "INT32_MIN";
  if (value > std::numeric_limits<int32_t>::max() || value < std::numeric_limits<int32_t>::min())
    return fmt::format("INT64_C({})", value);
  return fmt::format("{}", value);
}

std::string string_literal(const std::string& text) {
  std::string literal = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '?')  // "??=" would be a trigraph
      literal += fmt::format("\\{}", c);
    else if (byte < 0x20 || byte >= 0x7F)
      literal += fmt::format("\\{:03o}", byte);
    else
      literal += c;
  }
  literal += '"';
  return literal;
}

std::vector<std::string> element_literals(DType dtype, const Bytes& data) {
  std::vector<std::string> literals;
  const auto size = static_cast<size_t>(size_of(dtype));
  for (size_t at = 0; at + size <= data.size(); at += size)
    literals.push_back(element_literal(dtype, data.data() + at));
  return literals;
}

std::vector<std::string> field_initializers(const Params& params) {
  std::vector<std::string> initializers;
  for (const ParamsField& field : params.type->fields) {
    const uint8_t* bytes = params.bytes.data() + field.offset_bytes;
    const DType dtype = field.type == FieldType::float32 ? DType::float32 : DType::int32;
    initializers.push_back(fmt::format(".{} = {}", field.name, element_literal(dtype, bytes)));
  }
  return initializers;
}

std::string wrapped(const std::vector<std::string>& items) {
  std::string text;
  size_t column = kColumns + 1;
  for (size_t i = 0; i < items.size(); i++) {
    const std::string item = items[i] + (i + 1 < items.size() ? "," : "");
    if (column + 1 + item.size() > kColumns) {
      if (!text.empty()) text += '\n';
      text += kIndent;
      text += item;
      column = kIndent.size() + item.size();
    } else {
      text += ' ';
      text += item;
      column += 1 + item.size();
    }
  }
  return text;
}

std::string comment_text(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '\\' || c == '?')
      safe += '_';
    else if (!safe.empty() &&
             ((safe.back() == '*' && c == '/') || (safe.back() == '/' && c == '*')))
      safe += fmt::format(" {}", c);
    else
      safe += c;
  }
  return safe;
}

}  // namespace mote::deploy
