// C literals that read back as exactly the value they came from. Tested by literals_test.cc.
#pragma once

#include <string>
#include <vector>

#include "ir/program.h"
#include "ir/types.h"

namespace mote::deploy {

std::string float_literal(float value);
std::string integer_literal(int64_t value);
std::string string_literal(const std::string& text);

// The elements of a tensor, one literal each.
std::vector<std::string> element_literals(DType dtype, const Bytes& data);
// The fields of a parameter struct as designated initializers: ".stride_height = 1".
std::vector<std::string> field_initializers(const Params& params);

// Items with commas between, broken into lines of at most 100 columns, indented by four.
std::string wrapped(const std::vector<std::string>& items);

// Text of the user's that cannot end a comment or break its line.
std::string comment_text(const std::string& text);

}  // namespace mote::deploy
