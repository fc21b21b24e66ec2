#include "compress/search/constants.h"

#include <gtest/gtest.h>

namespace mote::compress {
namespace {

TEST(Constants, BytesAndShares) {
  EXPECT_EQ(parse_constants("40960"), 40960);
  EXPECT_EQ(parse_constants("40K"), 40960);
  EXPECT_EQ(parse_constants("1.5 M"), 1572864);
  EXPECT_EQ(parse_constants("50 %"), 0.5);
  EXPECT_EQ(parse_constants("100%"), 1);
  EXPECT_EQ(parse_constants("0.25"), 0.25);
}

TEST(Constants, RefusesWhatIsNone) {
  for (const char* text :
       {"", "K", "%", "much", "0", "-1", "0 %", "150 %", "40KB", "40 ", "nan", "inf", "1e30"})
    EXPECT_EQ(parse_constants(text), std::nullopt) << text;
}

}  // namespace
}  // namespace mote::compress
