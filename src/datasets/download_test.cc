#include "datasets/download.h"

#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "base/sha256.h"
#include "tests/support/http_server.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

using testing::Behaviour;
using testing::HttpServer;
using Lines = std::vector<std::string>;

constexpr int64_t kBytes = 100000;

Bytes bytes_of_seed(uint64_t seed) {
  Bytes bytes(kBytes);
  Random random(seed);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
  return bytes;
}

// A file "f" on a server, and the folder of its own that it is downloaded to.
class Download : public ::testing::Test {
 protected:
  Download() {
    std::filesystem::create_directories(folder_);
    server_.serve("f", content_);
  }

  DownloadRequest request() const {
    return {{server_.address() + "f"}, path_, kBytes, sha256(content_)};
  }
  // The error of a download, if any; what it said while waiting is in notes_.
  std::optional<Error> run(const DownloadRequest& request) {
    const Patience patience{
        .attempts = 3, .delay = std::chrono::milliseconds(1), .stall = std::chrono::seconds(1)};
    try {
      download(request, patience, [this](int64_t bytes, const std::string& note) {
        EXPECT_LE(bytes, kBytes);
        if (!note.empty()) notes_.push_back(note);
      });
      return {};
    } catch (const Error& error) {
      return error;
    }
  }
  void expect_whole(const std::optional<Error>& error) {
    ASSERT_FALSE(error) << error->what();
    EXPECT_EQ(read_file(path_), content_);
    EXPECT_EQ(files_there(), 1) << "PATH.part is left";
  }
  long files_there() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }

  const std::string folder_ =
      temp_path(::testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::string path_ = folder_ + "/f";
  const Bytes content_ = bytes_of_seed(1);
  HttpServer server_;
  std::vector<std::string> notes_;
};

TEST_F(Download, BringsTheFile) {
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests(), Lines{"f"});
  EXPECT_TRUE(notes_.empty());
}

TEST_F(Download, GoesOnWhereTheLineWasCut) {
  server_.next({{.bytes_sent = 30000}, {.bytes_sent = 20000}});
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests(), (Lines{"f", "f bytes=30000- if \"1\"", "f bytes=50000- if \"1\""}));
  EXPECT_EQ(notes_.size(), 2u);
}

TEST_F(Download, GoesOnInTheNextProcessToo) {
  server_.next({{.bytes_sent = 40000}, {.status = 404}});
  ASSERT_TRUE(run(request()));
  EXPECT_EQ(std::filesystem::file_size(path_ + ".part"), 40000u);
  EXPECT_FALSE(std::filesystem::exists(path_));
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests().back(), "f bytes=40000- if \"1\"");
}

TEST_F(Download, StartsAgainWhereTheServerHasAnotherVersion) {
  server_.next({{.bytes_sent = 40000, .lies = true, .etag = "\"0\""}});
  expect_whole(run(request()));  // If-Range: the second request brings the whole new version
  EXPECT_EQ(server_.requests(), (Lines{"f", "f bytes=40000- if \"0\""}));
}

TEST_F(Download, StartsAgainWherePiecesDoNotFitTogether) {
  server_.next({{.bytes_sent = 40000, .lies = true, .etag = ""}});
  expect_whole(run(request()));  // without a version only the digest tells
  EXPECT_EQ(server_.requests(), (Lines{"f", "f bytes=40000-", "f"}));
}

TEST_F(Download, TakesAllFromAServerThatIgnoresRanges) {
  server_.next({{.bytes_sent = 40000}, {.ignores_range = true}});
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests().size(), 2u);
}

TEST_F(Download, DoesNotTakeAnotherRange) {
  server_.next({{.bytes_sent = 40000}, {.range_shift = 7}});
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests(), (Lines{"f", "f bytes=40000- if \"1\"", "f"}));
  EXPECT_NE(notes_.back().find("another range, 'bytes 40007-99999/100000'"), std::string::npos)
      << notes_.back();
}

TEST_F(Download, GivesUpAServerThatStallsAndGoesOn) {
  server_.next({{.bytes_sent = 40000, .stalls = true}});
  expect_whole(run(request()));
  EXPECT_NE(notes_.at(0).find("sent nothing for 1 s"), std::string::npos) << notes_[0];
}

TEST_F(Download, TriesAgainWhereTheServerIsInTrouble) {
  server_.next({{.status = 500}, {.status = 503}});
  expect_whole(run(request()));
  EXPECT_NE(notes_.at(0).find("HTTP status 500"), std::string::npos) << notes_[0];
}

TEST_F(Download, GivesUpAfterAttemptsThatBroughtNothing) {
  server_.next({{.bytes_sent = 10},
                {.status = 500},
                {.bytes_sent = 0},  // the third in a row: the first had brought ten bytes
                {.status = 500}});
  const std::optional<Error> error = run(request());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::usage);
  EXPECT_NE(error->message.find("3 attempts"), std::string::npos) << error->message;
  EXPECT_EQ(server_.requests().size(), 3u);
}

TEST_F(Download, AServerThatIgnoresRangesAndCutsIsGivenUp) {
  const Behaviour cuts{.bytes_sent = 40000, .ignores_range = true};
  server_.next({cuts, cuts, cuts, cuts, cuts});
  EXPECT_TRUE(run(request()));
  EXPECT_EQ(server_.requests().size(), 3u);
}

TEST_F(Download, FollowsRedirections) {
  server_.next({{.location = server_.address() + "f"}});
  expect_whole(run(request()));
}

TEST_F(Download, RedirectionsWithoutEndOrToFilesAreErrors) {
  server_.next(std::vector<Behaviour>(20, {.location = server_.address() + "f"}));
  EXPECT_TRUE(run(request()));
  server_.next({{.location = "file:///etc/passwd"}});
  EXPECT_TRUE(run(request()));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Download, NotThereIsAnErrorAtOnce) {
  DownloadRequest wanted = request();
  wanted.urls = {server_.address() + "g"};
  const std::optional<Error> error = run(wanted);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::usage);
  EXPECT_EQ(error->where, wanted.urls[0]);
  EXPECT_NE(error->message.find("404"), std::string::npos);
  EXPECT_NE(error->hint.find("--mirror"), std::string::npos);
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(Download, WrongBytesAreAnErrorThatNamesBothDigests) {
  server_.next({{.lies = true}});
  const std::optional<Error> error = run(request());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::invalid_input);
  Bytes lie = content_;
  for (uint8_t& byte : lie) byte = static_cast<uint8_t>(~byte);
  for (const std::string& part : {path_, sha256(content_), sha256(lie)})
    EXPECT_NE(error->message.find(part), std::string::npos) << error->message;
  EXPECT_NE(error->hint.find("--mirror"), std::string::npos);
  EXPECT_EQ(files_there(), 0);
}

TEST_F(Download, WrongLengthsAreErrorsBeforeOrWhileTheyCome) {
  server_.next({{.claims_bytes = kBytes + 1}});
  std::optional<Error> error = run(request());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::invalid_input);
  EXPECT_NE(error->message.find("100001 bytes, not 100000"), std::string::npos) << error->message;
  server_.next({{.bytes_sent = kBytes + 1, .tells_length = false}});
  error = run(request());
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::invalid_input);
  EXPECT_NE(error->message.find("more than 100000"), std::string::npos) << error->message;
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Download, AShortBodyWithoutLengthIsNotTheFile) {
  server_.next({{.bytes_sent = 60000, .tells_length = false}});
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests().size(), 2u);
}

TEST_F(Download, TakesTheNextAddressWhereOneLiesOrLacksIt) {
  HttpServer other;
  other.serve("f", content_);
  DownloadRequest wanted = request();
  wanted.urls.push_back(other.address() + "f");
  for (const Behaviour& bad :
       {Behaviour{.lies = true}, Behaviour{.status = 404}, Behaviour{.claims_bytes = 5}}) {
    std::filesystem::remove(path_);
    server_.next({bad});
    expect_whole(run(wanted));
  }
  server_.next({{.lies = true}});
  other.next({{.status = 404}});
  std::filesystem::remove(path_);
  const std::optional<Error> error = run(wanted);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::invalid_input);
  for (const std::string& url : wanted.urls)
    EXPECT_NE(error->message.find(url), std::string::npos) << error->message;
}

TEST_F(Download, ALeftoverThatIsTooLongOrCompleteIsNoTrap) {
  write_file(path_ + ".part", Bytes(kBytes + 5));
  expect_whole(run(request()));
  std::filesystem::rename(path_, path_ + ".part");
  const size_t before = server_.requests().size();
  expect_whole(run(request()));
  EXPECT_EQ(server_.requests().size(), before) << "all was there";
}

}  // namespace
}  // namespace mote::datasets
