// [[published]] of a study's file: what is read, and what is refused.
#include "report/published.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace mote::report {
namespace {

std::string message_of(const std::string& text) {
  try {
    parse_published(text, "study.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "";
}

TEST(Published, IsReadFromAStudysFile) {
  const auto all = parse_published(R"(
networks = ["zoo:custom"]   # whatever else it says

[[published]]
label = "MobileNet"
data = ["cifar-100"]
smaller = 75
claim = "minimal loss"
source = "a paper"

[[published]]
label = "another"
smaller = 50.0
change = -0.5
bytes = "gzip"
source = "another paper"
)",
                                   "study.toml");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].label, "MobileNet");
  EXPECT_EQ(all[0].ratio(), 4);
  EXPECT_FALSE(all[0].change);
  EXPECT_EQ(all[0].data, std::vector<std::string>{"cifar-100"});
  EXPECT_EQ(all[0].bytes, "");
  EXPECT_EQ(all[1].ratio(), 2);
  EXPECT_EQ(all[1].change, -0.5);
  EXPECT_EQ(all[1].bytes, "gzip");
  EXPECT_TRUE(all[1].data.empty());
}

TEST(Published, RefusesWhatSaysTooLittleOrTooMuch) {
  const std::string head = "[[published]]\nlabel = \"a\"\nsource = \"b\"\n";
  EXPECT_NE(message_of("seeds = [1]").find("[[published]]"), std::string::npos);
  EXPECT_NE(message_of("published = 3").find("study.toml:1"), std::string::npos);
  EXPECT_NE(message_of(head).find("`smaller`"), std::string::npos);
  EXPECT_NE(message_of(head + "smaller = 100").find("study.toml:4"), std::string::npos);
  EXPECT_NE(message_of(head + "smaller = 50\nloss = 1").find("loss"), std::string::npos);
  EXPECT_EQ(message_of(head + "smaller = 50"), "");
}

}  // namespace
}  // namespace mote::report
