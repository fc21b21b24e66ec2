#include "base/ascii.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/locales.h"

namespace mote {
namespace {

class Ascii : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    locale_.emplace(GetParam());
    if (!locale_->there()) GTEST_SKIP() << locale_->why_not();
  }
  std::optional<testing::LocaleOfTest> locale_;
};

TEST_P(Ascii, LettersAreThoseOfAscii) {
  EXPECT_EQ(lower_case("TITLE \xC4\xB0\xDC"), "title \xC4\xB0\xDC");
  EXPECT_EQ(upper_case("title \xC4\xB1\xFC"), "TITLE \xC4\xB1\xFC");
  for (int byte = 0x80; byte < 0x100; byte++) {
    EXPECT_FALSE(is_letter(static_cast<char>(byte)));
    EXPECT_FALSE(is_digit(static_cast<char>(byte)));
  }
}

TEST_P(Ascii, NumbersHaveAPoint) {
  EXPECT_EQ(parse_number<double>("0.5"), 0.5);
  EXPECT_EQ(parse_number<double>("-1.25e3"), -1250.0);
  EXPECT_EQ(parse_number<double>("4.94e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parse_number<double>("inf"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(parse_number<double>("nan").value_or(0)));
  EXPECT_EQ(parse_number<int32_t>("-2147483648"), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(parse_number<uint8_t>("255"), 255);
  for (const char* text : {"", " 1", "1 ", "1,5", "1.234,5", "0x1", "+1", "1e999", "one"})
    EXPECT_FALSE(parse_number<double>(text)) << text;
  EXPECT_FALSE(parse_number<int32_t>("2147483648"));
  EXPECT_FALSE(parse_number<int32_t>("1.0"));
}

INSTANTIATE_TEST_SUITE_P(, Ascii, ::testing::Values("C", "tr_TR.UTF-8", "de_DE.UTF-8"),
                         [](const auto& info) { return std::string(info.param).substr(0, 2); });

TEST(Split, LinesAndWords) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(split("a\nb\n", '\n'), (Parts{"a", "b"}));
  EXPECT_EQ(split("a||b", '|'), (Parts{"a", "", "b"}));
  EXPECT_EQ(split("\n", '\n'), Parts{""});
  EXPECT_EQ(split("", '\n'), Parts{});
}

TEST(Printable, IsOneShortLine) {
  EXPECT_EQ(ascii_excerpt("a b~"), "a b~");
  EXPECT_EQ(ascii_excerpt("a\n\x7f\xff"), "a???");
  EXPECT_EQ(ascii_excerpt(std::string(50, 'x')), std::string(40, 'x'));
}

TEST(HasExtension, InCapitalsOrNot) {
  EXPECT_TRUE(has_extension("a/b.npz", ".npz"));
  EXPECT_TRUE(has_extension("B.NPZ", ".npz"));
  EXPECT_TRUE(has_extension("b.Npz", ".npz"));
  EXPECT_FALSE(has_extension("b.npz.gz", ".npz"));
  EXPECT_FALSE(has_extension("bnpz", ".npz"));
  EXPECT_FALSE(has_extension(".npz", ".npz"));  // a hidden file without one
  EXPECT_FALSE(has_extension("", ".npz"));
}

}  // namespace
}  // namespace mote
