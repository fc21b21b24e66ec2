#include "formats/tflite/printable.h"

#include <gtest/gtest.h>

namespace mote::formats::tflite {
namespace {

TEST(Printable, KeepsText) {
  for (const char* text : {"", "model/conv2d_1/Relu;x", "grün", "漢字", "😀", "\u00a0"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, ReplacesControlCharacters) {
  EXPECT_EQ(printable("a\nb\tc\x7f\x1b[0m"), "a_b_c__[0m");
  EXPECT_EQ(printable("\xc2\x85"), "__");  // NEL, a line end to some
}

TEST(Printable, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(printable("\xff"), "_");
  EXPECT_EQ(printable("\x80"), "_");
  EXPECT_EQ(printable("\xc3"), "_");                 // cut
  EXPECT_EQ(printable("\xc0\xaf"), "__");            // overlong
  EXPECT_EQ(printable("\xe0\x80\xaf"), "___");       // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "___");       // a surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "____");  // beyond U+10FFFF
  EXPECT_EQ(printable("\xe6\xbc x"), "__ x");
}

}  // namespace
}  // namespace mote::formats::tflite
