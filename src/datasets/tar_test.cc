#include "datasets/tar.h"

#include <map>
#include <optional>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/random.h"
#include "base/sha256.h"
#include "datasets/gzip_file.h"
#include "tests/support/tar_archive.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

using testing::end_of_tar;
using testing::tar_entry;
using Files = std::map<std::string, std::string>;

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Result {
  Files files;
  std::optional<Error> error;
};

Result read_bytes(const Bytes& zipped, int64_t limit = 1 << 20) {
  const std::string path = temp_path("a.tar.gz");
  write_file(path, zipped);
  Result result;
  try {
    read_tar_gz(path, limit, [&](const std::string& name, int64_t) -> TarSink {
      result.files[name];
      return [&result, name](std::span<const uint8_t> piece) {
        result.files[name].append(piece.begin(), piece.end());
      };
    });
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    EXPECT_EQ(error.where, path);
    result.error = error;
  }
  return result;
}
Result read_tar(const Bytes& tar, int64_t limit = 1 << 20) {
  return read_bytes(gzip(tar), limit);
}

TEST(Tar, GivesFilesInOrderWhateverStandsBetweenThem) {
  const std::string large(100000, 'z');
  const Result result =
      read_tar(tar_entry("d/", "", '5') + tar_entry("d/one", "1") + tar_entry("x", "mtime", 'x') +
               tar_entry("./d/two", large) + tar_entry("d/none", "") + end_of_tar());
  ASSERT_FALSE(result.error) << result.error->what();
  EXPECT_EQ(result.files, (Files{{"d/one", "1"}, {"d/two", large}, {"d/none", ""}}));
}

TEST(Tar, RefusesWhatLeadsOutOrIsNoFile) {
  struct Case {
    std::string name;
    char type;
    std::string says;
  };
  for (const Case& c : {Case{"/etc/passwd", '0', "leads out"}, Case{"../up", '0', "leads out"},
                        Case{"d/../../up", '0', "leads out"}, Case{"d/..", '5', "leads out"},
                        Case{"d/link", '1', "neither"}, Case{"d/link", '2', "neither"},
                        Case{"d/device", '3', "neither"}, Case{"d/pipe", '6', "neither"},
                        Case{"d/long", 'L', "neither"}}) {
    const Result result = read_tar(tar_entry(c.name, "x", c.type) + end_of_tar());
    ASSERT_TRUE(result.error) << c.name;
    EXPECT_NE(result.error->message.find(c.says), std::string::npos) << result.error->message;
    EXPECT_TRUE(result.files.empty());
  }
}

TEST(Tar, RefusesSizesThatAreNone) {
  for (const std::string& size : {std::string("0000000008\0", 11), std::string("\200\0\0\0\1", 5),
                                  std::string("-1"), std::string("")}) {
    Bytes entry = tar_entry("f", "x");
    testing::set_size(entry, size);
    EXPECT_TRUE(read_tar(entry + end_of_tar()).error) << size;
  }
  Bytes huge = tar_entry("f", "x");
  testing::set_size(huge, "77777777777");
  EXPECT_TRUE(read_tar(huge + end_of_tar()).error);
}

TEST(Tar, RefusesBombsAtTheLimit) {
  const Result result = read_tar(tar_entry("f", std::string(1 << 20, '0')) + end_of_tar(), 70000);
  ASSERT_TRUE(result.error);
  EXPECT_NE(result.error->message.find("too long"), std::string::npos) << result.error->message;
  EXPECT_TRUE(read_tar(tar_entry("f", "x") + end_of_tar() + Bytes(1 << 20), 70000).error);
}

TEST(Tar, EveryCutIsAnError) {
  const Bytes tar = tar_entry("f", std::string(700, 'f')) + end_of_tar();
  for (size_t length = 0; length < tar.size() - 512; length += 97)  // one zero block is an end
    EXPECT_TRUE(read_tar(Bytes(tar.begin(), tar.begin() + static_cast<ptrdiff_t>(length))).error)
        << length;
  const Bytes zipped = gzip(tar);
  for (size_t length = 0; length < zipped.size(); length++)
    EXPECT_TRUE(
        read_bytes(Bytes(zipped.begin(), zipped.begin() + static_cast<ptrdiff_t>(length))).error)
        << length;
}

TEST(Tar, DamageIsAnErrorOrHarmless) {
  const Bytes tar = tar_entry("d/one", "first") + tar_entry("d/two", "second") + end_of_tar();
  Random random(3);
  const Files files = read_tar(tar).files;
  int errors = 0;
  for (int i = 0; i < 300; i++) {
    Bytes damaged = tar;
    damaged[random.below(512)] ^= static_cast<uint8_t>(1 + random.below(255));  // the first header
    const Result result = read_tar(damaged);
    errors += result.error.has_value();
    EXPECT_TRUE(result.error || result.files == files);
  }
  EXPECT_GT(errors, 290) << "the sum tells all but blanks for zeros in itself";
}

TEST(GzipFile, DigestsContentsZippedOrNot) {
  const Bytes bytes(100000, 'a');
  for (const Bytes& file : {bytes, gzip(bytes)}) {
    write_file(temp_path("g"), file);
    EXPECT_EQ(sha256_of_contents(temp_path("g"), 100000), sha256(bytes));
    EXPECT_EQ(sha256_of_contents(temp_path("g"), 99999), "");
  }
  EXPECT_EQ(sha256_of_contents(temp_path("nowhere"), 100000), "");
  Bytes cut = gzip(bytes);
  cut.resize(cut.size() - 9);
  write_file(temp_path("g"), cut);
  EXPECT_EQ(sha256_of_contents(temp_path("g"), 100000), "");
}

}  // namespace
}  // namespace mote::datasets
