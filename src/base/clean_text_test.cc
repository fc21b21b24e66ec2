#include "base/clean_text.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(CleanText, KeepsText) {
  for (const char* text : {"", "model/conv2d_1/Relu;x", "grün", "漢字", "😀", "\u00a0"})
    EXPECT_EQ(clean_text(text), text);
}

TEST(CleanText, ReplacesControlCharacters) {
  EXPECT_EQ(clean_text("a\nb\tc\x7f\x1b[0m"), "a_b_c__[0m");
  EXPECT_EQ(clean_text("\xc2\x85"), "__");  // NEL, a line end to some
}

TEST(CleanText, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(clean_text("\xff"), "_");
  EXPECT_EQ(clean_text("\x80"), "_");
  EXPECT_EQ(clean_text("\xc3"), "_");                 // cut
  EXPECT_EQ(clean_text("\xc0\xaf"), "__");            // overlong
  EXPECT_EQ(clean_text("\xe0\x80\xaf"), "___");       // overlong
  EXPECT_EQ(clean_text("\xed\xa0\x80"), "___");       // a surrogate
  EXPECT_EQ(clean_text("\xf4\x90\x80\x80"), "____");  // beyond U+10FFFF
  EXPECT_EQ(clean_text("\xe6\xbc x"), "__ x");
}

}  // namespace
}  // namespace mote
