// Between the option tables of operators and attributes by name, by reflection over schema.fbs: no
// operator is mentioned. Enumerations become the names of their values. Tested by options_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "generated/schema_generated.h"
#include "ir/foreign_node.h"

namespace mote::formats::tflite {

// Names of the schema's enumerations: ("BuiltinOperator", 3) is "CONV_2D", and back.
std::optional<std::string> enum_name(std::string_view enumeration, int64_t value);
std::optional<int64_t> enum_value(std::string_view enumeration, std::string_view name);

using Attributes = std::vector<std::pair<std::string, Attribute>>;

// All fields of the operator's table, in their order, with the format's defaults where the file has
// none; nothing where there is no table or one that the schema does not know. The file must have
// passed the verifier. Throws Error{invalid_input} for a number that its enumeration does not have.
Attributes read_options(const Operator& op);

struct Options {
  BuiltinOptions type = BuiltinOptions::NONE;
  flatbuffers::Offset<void> table = 0;
};
// The table that belongs to the operator `type` ("CONV_2D"), filled; none where there are no
// attributes. Throws Error{internal} for an attribute that the table does not have.
Options write_options(flatbuffers::FlatBufferBuilder& builder, std::string_view type,
                      const Attributes& attributes);

}  // namespace mote::formats::tflite
