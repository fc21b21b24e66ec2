#include "deploy/emit/literals.h"

#include <bit>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"

namespace mote::deploy {
namespace {

TEST(Literals, FloatsReadBackExactly) {
  Random random(1);
  for (int trial = 0; trial < 100'000; trial++) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(random.next()));
    if (!(value - value == 0)) continue;  // infinite or not a number
    const std::string literal = float_literal(value);
    ASSERT_EQ(std::bit_cast<uint32_t>(std::strtof(literal.c_str(), nullptr)),
              std::bit_cast<uint32_t>(value))
        << literal;
  }
  EXPECT_EQ(float_literal(1.0f), "1.0f");
  EXPECT_EQ(float_literal(-0.0f), "-0.0f");
  EXPECT_EQ(float_literal(1e-20f), "1e-20f");
  EXPECT_EQ(float_literal(std::numeric_limits<float>::infinity()), "(1.0f / 0.0f)");
}

TEST(Literals, IntegersHaveTheirType) {
  EXPECT_EQ(integer_literal(-128), "-128");
  EXPECT_EQ(integer_literal(INT32_MIN), "INT32_MIN");
  EXPECT_EQ(integer_literal(int64_t{1} << 40), "INT64_C(1099511627776)");
  EXPECT_EQ(integer_literal(INT64_MIN), "INT64_MIN");
}

TEST(Literals, StringsAndCommentsAreSafe) {
  EXPECT_EQ(string_literal("a\"b\\?\n\xC3"), R"("a\"b\\\?\012\303")");
  EXPECT_EQ(comment_text("a */ b /* c \\\n"), "a * / b / * c __");
}

TEST(Literals, LinesKeepTheirWidth) {
  const std::string text = wrapped(std::vector<std::string>(100, "-128"));
  size_t line = 0;
  for (const char c : text) {
    line = c == '\n' ? 0 : line + 1;
    ASSERT_LE(line, 100u);
  }
  EXPECT_TRUE(text.ends_with("-128"));
}

}  // namespace
}  // namespace mote::deploy
