#include "ir/scheme.h"
#include "tests/support/places.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace mote {
namespace {

TEST(Scheme, NamesAreReadBack) {
  std::set<std::string_view> names;
  for (const SchemeInfo& info : schemes()) {
    EXPECT_EQ(parse_scheme(info.name), info.scheme);
    EXPECT_EQ(name_of(info.scheme), info.name);
    EXPECT_EQ(&info_of(info.scheme), &info);
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
  }
  EXPECT_EQ(parse_scheme("int9"), std::nullopt);
  EXPECT_EQ(parse_scheme(""), std::nullopt);
}

TEST(Scheme, RowsAreConsistent) {
  const auto is_float = [](DType dtype) {
    return dtype == DType::float32 || dtype == DType::float16;
  };
  for (const SchemeInfo& info : schemes()) {
    SCOPED_TRACE(info.name);
    EXPECT_EQ(info.integer_weights(), !is_float(info.weights));
    EXPECT_EQ(info.integer_activations(), !is_float(info.bias));
    EXPECT_LE(info.least_weight_bits, info.most_weight_bits());
    EXPECT_GE(info.least_elements, 0);
  }
}

// docs/architecture.md has one line for each row, with what the row says, and no other.
TEST(Scheme, TheDocumentHasTheRows) {
  std::ifstream file(source_path("docs/architecture.md"));
  std::vector<std::string> documented, rows;
  bool table = false;
  for (std::string line; std::getline(file, line);) {
    if (table && line.starts_with("| `")) documented.push_back(line);
    table = line.starts_with(table ? "|" : "| scheme |");
  }
  for (const SchemeInfo& info : schemes()) {
    const std::string bits =
        info.integer_weights()
            ? fmt::format("{} to {}", info.least_weight_bits, info.most_weight_bits())
            : "";
    rows.push_back(fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |", info.name,
                               name_of(info.activations), name_of(info.weights), bits,
                               name_of(info.bias), info.least_elements, info.description));
  }
  EXPECT_EQ(documented, rows);
}

}  // namespace
}  // namespace mote
