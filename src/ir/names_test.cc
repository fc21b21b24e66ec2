#include "ir/names.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

TEST(Names, GetTheFirstNumberThatIsFree) {
  Names names;
  EXPECT_EQ(names.add("a"), "a");
  EXPECT_EQ(names.add("a_2"), "a_2");
  EXPECT_EQ(names.add("a"), "a_1");
  EXPECT_EQ(names.add("a"), "a_3");
  EXPECT_EQ(names.add("a_1"), "a_1_1");
  EXPECT_EQ(names.add(""), "");
  names.clear();
  EXPECT_EQ(names.add("a"), "a");
}

// Two names that want each other's numbers: n steps for n names, where trying all numbers anew
// would be n^2 / 2, or 10^10 here.
TEST(Names, OfOneKindTakeNoLongerTheMoreThereAre) {
  Names names;
  std::string last;
  for (int i = 0; i < 100'000; i++) last = names.add("conv");
  EXPECT_EQ(last, "conv_99999");
}

}  // namespace
}  // namespace mote
