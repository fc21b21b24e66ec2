#include "ir/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/resources.h"
#include "ir/node.h"

namespace mote {
namespace {

TEST(Program, CountsWhatIsLinked) {
  Program program;
  EXPECT_EQ(constant_bytes(program), 0);
  program.constants = {
      {"weights", {DType::int8, {3}, {}}, MOTE_STORAGE_DENSE8, {1, 2, 3}},
      {"bias", {DType::int32, {2}, {}}, MOTE_STORAGE_DENSE8, Bytes(8)},
  };
  EXPECT_EQ(constant_bytes(program), 11);
}

TEST(Program, ComparesContents) {
  Program program;
  program.constants = {{"w", {DType::int8, {1}, {}}, MOTE_STORAGE_DENSE8, {1}}};
  program.schedule = {{0, 0, 4}};
  Program other = program;
  EXPECT_EQ(program, other);
  other.constants[0].data = {2};
  EXPECT_NE(program, other);
}

TEST(Resources, AreFilesOfTheSourceTree) {
  EXPECT_NE(resource("runtime/operand.h").find("mote_operand"), std::string_view::npos);
  EXPECT_THROW(resource("runtime/absent.h"), Error);
}

TEST(Resources, AreListedByPrefix) {
  const auto paths = resources("runtime/arithmetic/");
  EXPECT_FALSE(paths.empty());
  EXPECT_TRUE(std::ranges::is_sorted(paths));
  for (std::string_view path : paths) EXPECT_TRUE(path.starts_with("runtime/arithmetic/")) << path;
}

// What a user's model is named by in errors, texts and reports.
TEST(Op, NamesComeBack) {
  std::set<std::string_view> names;
#define MOTE_OP(Name, folder)                                 \
  EXPECT_EQ(name_of(Op(ops::Name{})), #Name);                 \
  EXPECT_EQ(parse_op(#Name), std::optional<Op>(ops::Name{})); \
  names.insert(#Name);
#include "ops/ops.inc"
#undef MOTE_OP
  EXPECT_EQ(names.size() + 1, std::variant_size_v<AnyAttributes>);
  EXPECT_EQ(parse_op("Conv3D"), std::nullopt);
  EXPECT_EQ(parse_op("nothing"), std::nullopt);
}

}  // namespace
}  // namespace mote
