// Only outside interface: options.h. Tested by options_test.cc.
#include "formats/tflite/options.h"

#include <flatbuffers/reflection.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"
#include "generated/schema_bfbs_generated.h"

namespace mote::formats::tflite {
namespace {

using reflection::BaseType;

const reflection::Schema& schema() {
  return *reflection::GetSchema(ModelBinarySchema::data());
}

// Names in a schema are "mote.formats.tflite.Padding".
std::string_view last_part(const flatbuffers::String& name) {
  const std::string_view text = name.string_view();
  return text.substr(text.rfind('.') + 1);
}

const reflection::Enum& find_enum(std::string_view name) {
  for (const reflection::Enum* found : *schema().enums())
    if (last_part(*found->name()) == name) return *found;
  throw Error(ErrorKind::internal, fmt::format("the schema has no enumeration {}", name));
}

std::optional<std::string> name_in(const reflection::Enum& enumeration, int64_t value) {
  for (const reflection::EnumVal* entry : *enumeration.values())
    if (entry->value() == value) return entry->name()->str();
  return std::nullopt;
}

std::optional<int64_t> value_in(const reflection::Enum& enumeration, std::string_view name) {
  for (const reflection::EnumVal* entry : *enumeration.values())
    if (entry->name()->string_view() == name) return entry->value();
  return std::nullopt;
}

// The enumeration that a scalar field is of, or null.
const reflection::Enum* enum_of(const reflection::Type& type) {
  const bool scalar = type.base_type() >= BaseType::Bool && type.base_type() <= BaseType::ULong;
  return scalar && type.index() >= 0
             ? schema().enums()->Get(static_cast<flatbuffers::uoffset_t>(type.index()))
             : nullptr;
}

std::vector<const reflection::Field*> fields_in_order(const reflection::Object& table) {
  std::vector<const reflection::Field*> fields(table.fields()->begin(), table.fields()->end());
  std::ranges::sort(fields, {}, [](const reflection::Field* field) { return field->id(); });
  return fields;
}

// The member of the union BuiltinOptions with this number, or this name; null where there is none.
const reflection::EnumVal* find_member(auto&& matches) {
  for (const reflection::EnumVal* member : *find_enum("BuiltinOptions").values())
    if (member->value() != 0 && matches(*member)) return member;
  return nullptr;
}

const reflection::Object& table_of(const reflection::EnumVal& member) {
  return *schema().objects()->Get(
      static_cast<flatbuffers::uoffset_t>(member.union_type()->index()));
}

// ---- reading
// --------------------------------------------------------------------------------------

template <class T>
std::vector<T> read_vector(const flatbuffers::VectorOfAny* vector, BaseType element,
                           auto&& read_element) {
  std::vector<T> result;
  if (!vector) return result;
  for (size_t i = 0; i < vector->size(); i++) result.push_back(read_element(vector, element, i));
  return result;
}

Attribute read_field(const flatbuffers::Table& table, const reflection::Field& field) {
  const reflection::Type& type = *field.type();
  if (const reflection::Enum* enumeration = enum_of(type)) {
    const int64_t value = flatbuffers::GetAnyFieldI(table, field);
    if (const auto name = name_in(*enumeration, value)) return *name;
    throw Error(ErrorKind::invalid_input,
                fmt::format("option '{}' is {}, which is none of {}'s values",
                            field.name()->string_view(), value, last_part(*enumeration->name())));
  }
  switch (type.base_type()) {
    case BaseType::Float:
      return flatbuffers::GetAnyFieldF(table, field);
    case BaseType::String: {
      const flatbuffers::String* text = flatbuffers::GetFieldS(table, field);
      return text ? text->str() : std::string();
    }
    case BaseType::Vector: {
      const flatbuffers::VectorOfAny* vector = flatbuffers::GetFieldAnyV(table, field);
      if (type.element() == BaseType::Float)
        return read_vector<double>(vector, type.element(), flatbuffers::GetAnyVectorElemF);
      return read_vector<int64_t>(vector, type.element(), flatbuffers::GetAnyVectorElemI);
    }
    default:
      return flatbuffers::GetAnyFieldI(table, field);
  }
}

// ---- writing
// --------------------------------------------------------------------------------------

// "Conv2DOptions" of "CONV_2D": the same letters and digits. These share another's table.
struct SharedTable {
  std::string_view type;
  std::string_view table;
};
constexpr SharedTable kSharedTables[] = {
    {"AVERAGE_POOL_2D", "Pool2DOptions"}, {"MAX_POOL_2D", "Pool2DOptions"},
    {"L2_POOL_2D", "Pool2DOptions"},      {"L2_NORMALIZATION", "L2NormOptions"},
    {"MAXIMUM", "MaximumMinimumOptions"}, {"MINIMUM", "MaximumMinimumOptions"},
    {"MEAN", "ReducerOptions"},           {"SUM", "ReducerOptions"},
    {"REDUCE_PROD", "ReducerOptions"},    {"REDUCE_MAX", "ReducerOptions"},
    {"REDUCE_MIN", "ReducerOptions"},     {"REDUCE_ANY", "ReducerOptions"},
    {"REDUCE_ALL", "ReducerOptions"},     {"CONV_3D_TRANSPOSE", "Conv3DOptions"},
    {"RANDOM_UNIFORM", "RandomOptions"},  {"RANDOM_STANDARD_NORMAL", "RandomOptions"},
    {"MULTINOMIAL", "RandomOptions"},     {"UNIDIRECTIONAL_SEQUENCE_RNN", "SequenceRNNOptions"},
};

std::string letters_and_digits(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c != '_') result.push_back(ascii_lower(c));
  return result;
}

const reflection::EnumVal* member_for(std::string_view type) {
  const auto shared = std::ranges::find(kSharedTables, type, &SharedTable::type);
  const std::string wanted = shared != std::end(kSharedTables)
                                 ? letters_and_digits(shared->table)
                                 : letters_and_digits(type) + "options";
  return find_member([&](const reflection::EnumVal& member) {
    return letters_and_digits(member.name()->string_view()) == wanted;
  });
}

const reflection::Field& find_field(const reflection::Object& table, std::string_view name) {
  for (const reflection::Field* field : *table.fields())
    if (field->name()->string_view() == name) return *field;
  throw Error(ErrorKind::internal,
              fmt::format("{} has no field '{}'", last_part(*table.name()), name));
}

int64_t whole_number(const reflection::Field& field, const Attribute& attribute) {
  const reflection::Enum* enumeration = enum_of(*field.type());
  if (!enumeration) return std::get<int64_t>(attribute);
  const auto& name = std::get<std::string>(attribute);
  if (const auto value = value_in(*enumeration, name)) return *value;
  throw Error(ErrorKind::internal,
              fmt::format("{} has no value {}", last_part(*enumeration->name()), name));
}

// Vectors and strings lie outside the table and come before it.
flatbuffers::uoffset_t write_outside(flatbuffers::FlatBufferBuilder& builder,
                                     const reflection::Field& field, const Attribute& attribute) {
  if (field.type()->base_type() == BaseType::String)
    return builder.CreateString(std::get<std::string>(attribute)).o;
  if (field.type()->element() == BaseType::Float) {
    const auto& wide = std::get<std::vector<double>>(attribute);
    return builder.CreateVector(std::vector<float>(wide.begin(), wide.end())).o;
  }
  const auto& wide = std::get<std::vector<int64_t>>(attribute);
  return builder.CreateVector(std::vector<int32_t>(wide.begin(), wide.end())).o;
}

void write_scalar(flatbuffers::FlatBufferBuilder& builder, const reflection::Field& field,
                  const Attribute& attribute) {
  const auto add = [&]<class T>(T value) {
    builder.AddElement<T>(field.offset(), value, static_cast<T>(field.default_integer()));
  };
  if (field.type()->base_type() == BaseType::Float) {
    const auto value = static_cast<float>(std::get<double>(attribute));
    builder.AddElement<float>(field.offset(), value, static_cast<float>(field.default_real()));
    return;
  }
  const int64_t value = whole_number(field, attribute);
  switch (flatbuffers::GetTypeSize(field.type()->base_type())) {
    case 1:
      return add(static_cast<int8_t>(value));
    case 4:
      return add(static_cast<int32_t>(value));
    default:
      return add(value);
  }
}

}  // namespace

std::optional<std::string> enum_name(std::string_view enumeration, int64_t value) {
  return name_in(find_enum(enumeration), value);
}

std::optional<int64_t> enum_value(std::string_view enumeration, std::string_view name) {
  return value_in(find_enum(enumeration), name);
}

Attributes read_options(const Operator& op) {
  const auto number = static_cast<int64_t>(op.builtin_options_type());
  const auto* table = static_cast<const flatbuffers::Table*>(op.builtin_options());
  const reflection::EnumVal* member =
      find_member([&](const reflection::EnumVal& m) { return m.value() == number; });
  Attributes attributes;
  if (!member || !table) return attributes;
  for (const reflection::Field* field : fields_in_order(table_of(*member)))
    attributes.emplace_back(field->name()->str(), read_field(*table, *field));
  return attributes;
}

Options write_options(flatbuffers::FlatBufferBuilder& builder, std::string_view type,
                      const Attributes& attributes) {
  if (attributes.empty()) return {};
  const reflection::EnumVal* member = member_for(type);
  if (!member) throw Error(ErrorKind::internal, fmt::format("{} has no options", type));
  const reflection::Object& table = table_of(*member);
  std::vector<std::pair<const reflection::Field*, flatbuffers::uoffset_t>> outside;
  for (const auto& [name, attribute] : attributes) {
    const reflection::Field& field = find_field(table, name);
    if (!flatbuffers::IsScalar(field.type()->base_type()))
      outside.emplace_back(&field, write_outside(builder, field, attribute));
  }
  const flatbuffers::uoffset_t start = builder.StartTable();
  for (const auto& [field, offset] : outside)
    builder.AddOffset(field->offset(), flatbuffers::Offset<void>(offset));
  for (const auto& [name, attribute] : attributes) {
    const reflection::Field& field = find_field(table, name);
    if (flatbuffers::IsScalar(field.type()->base_type())) write_scalar(builder, field, attribute);
  }
  return {static_cast<BuiltinOptions>(member->value()), builder.EndTable(start)};
}

}  // namespace mote::formats::tflite
