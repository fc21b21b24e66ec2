#include "datasets/fetch.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/sha256.h"
#include "datasets/dataset.h"
#include "tests/support/bytes.h"
#include "tests/support/http_server.h"
#include "tests/support/real_files.h"
#include "tests/support/tar_archive.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

namespace fs = std::filesystem;
using testing::Behaviour;
using testing::end_of_tar;
using testing::HttpServer;
using testing::tar_entry;

PublishedFile file_of(const std::string& name, const std::string& text) {
  return {name, static_cast<int64_t>(text.size()), sha256(text)};
}
PublishedDownload download_of(const std::string& name, const Bytes& bytes,
                              std::vector<PublishedFile> files) {
  return {name, static_cast<int64_t>(bytes.size()), sha256(bytes), std::move(files)};
}

// Stand-ins for the two kinds of sets: gzip'd files, and an archive.
class Fetch : public ::testing::Test {
 protected:
  Fetch() : root_(temp_path(::testing::UnitTest::GetInstance()->current_test_info()->name())) {}

  void publish_archive(const Bytes& tar, std::vector<PublishedFile> files) {
    const Bytes zipped = gzip(tar);
    server_.serve("photos.tar.gz", zipped);
    set_ = {"photos",
            "photos-bin",
            {server_.address()},
            {download_of("photos.tar.gz", zipped, std::move(files))}};
  }
  void publish_photos() {
    publish_archive(archive({{"photos-bin/readme.html", "<p>"},
                             {"photos-bin/b.bin", "BBBB"},
                             {"photos-bin/names.txt", "cat\n"},
                             {"photos-bin/a.bin", "AAAAA"}}),
                    {file_of("a.bin", "AAAAA"), {"names.txt", 4096, ""}, file_of("b.bin", "BBBB")});
  }
  void publish_digits() {
    const Bytes train = gzip(bytes_of("train")), test = gzip(bytes_of("test"));
    server_.serve("train.gz", train);
    server_.serve("test.gz", test);
    set_ = {"digits",
            "digits",
            {server_.address()},
            {download_of("train.gz", train, {file_of("train", "train")}),
             download_of("test.gz", test, {file_of("test", "test")})}};
  }
  static Bytes archive(const std::vector<std::pair<std::string, std::string>>& files) {
    Bytes tar = tar_entry("photos-bin/", "", '5');
    for (const auto& [name, text] : files) {
      const Bytes entry = tar_entry(name, text);
      tar.insert(tar.end(), entry.begin(), entry.end());
    }
    const Bytes end = end_of_tar();
    tar.insert(tar.end(), end.begin(), end.end());
    return tar;
  }

  Fetched run(const std::string& mirror = "") {
    const Patience patience{
        .attempts = 2, .delay = std::chrono::milliseconds(1), .stall = std::chrono::seconds(1)};
    return fetch(set_, root_, {.mirror = mirror, .patience = patience},
                 [&](const FetchProgress& p) {
                   EXPECT_LE(p.done_bytes, p.total_bytes);
                   last_ = p;
                 });
  }
  std::optional<Error> error_of_run() {
    try {
      run();
      return {};
    } catch (const Error& error) {
      return error;
    }
  }
  std::string text(const std::string& name) const {
    const Bytes bytes = read_file(fs::path(root_) / set_.folder / name);
    return {bytes.begin(), bytes.end()};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(fs::path(root_) / set_.folder))
      if (entry.path().filename() != ".fetch.lock") result.push_back(entry.path().filename());
    std::sort(result.begin(), result.end());
    return result;
  }

  std::string root_;
  HttpServer server_;
  PublishedSet set_;
  FetchProgress last_;
};

TEST_F(Fetch, BringsZippedFilesAsTheyAre) {
  publish_digits();
  const Fetched fetched = run();
  EXPECT_EQ(fetched.files, (std::vector<std::string>{"train.gz", "test.gz"}));
  EXPECT_EQ(fetched.bytes, set_.bytes());
  EXPECT_EQ(last_.done_bytes, set_.bytes());
  EXPECT_EQ(names(), (std::vector<std::string>{"test.gz", "train.gz"}));
  EXPECT_TRUE(is_right(set_, fetched.folder));
}

TEST_F(Fetch, BringsNothingWhereAllIsRight) {
  publish_digits();
  run();
  const size_t before = server_.requests().size();
  EXPECT_TRUE(run().files.empty());
  // Zipped otherwise or not at all, the content counts.
  fs::remove(fs::path(root_) / "digits/train.gz");
  write_file(fs::path(root_) / "digits/train", "train");
  EXPECT_TRUE(run().files.empty());
  EXPECT_EQ(server_.requests().size(), before);
}

TEST_F(Fetch, BringsWhatIsDamagedAndNothingElse) {
  publish_digits();
  run();
  write_file(fs::path(root_) / "digits/test.gz", gzip(bytes_of("TEST")));
  EXPECT_EQ(run().files, std::vector<std::string>{"test.gz"});
  EXPECT_TRUE(is_right(set_, fs::path(root_) / "digits"));
}

TEST_F(Fetch, UnpacksTheFilesOfTheTable) {
  publish_photos();
  EXPECT_EQ(run().files, std::vector<std::string>{"photos.tar.gz"});
  EXPECT_EQ(names(), (std::vector<std::string>{"a.bin", "b.bin", "names.txt"}));
  EXPECT_EQ(text("a.bin"), "AAAAA");
  EXPECT_EQ(text("names.txt"), "cat\n");
  EXPECT_TRUE(run().files.empty());
}

TEST_F(Fetch, AnArchiveThatWasNotUnpackedIsNotFetchedAgain) {
  publish_photos();
  run();
  fs::remove(fs::path(root_) / "photos-bin/b.bin");
  server_.next({{.status = 404}});
  EXPECT_TRUE(error_of_run());
  const Bytes tar = archive(
      {{"photos-bin/a.bin", "AAAAA"}, {"photos-bin/names.txt", ""}, {"photos-bin/b.bin", "BBBB"}});
  publish_archive(tar, set_.downloads[0].files);
  write_file(fs::path(root_) / "photos-bin/photos.tar.gz", gzip(tar));
  const size_t before = server_.requests().size();
  run();
  EXPECT_EQ(server_.requests().size(), before);
  EXPECT_EQ(text("b.bin"), "BBBB");
}

TEST_F(Fetch, ArchivesThatAreNotTheTablesAreRefusedWhole) {
  const std::vector<PublishedFile> files{file_of("a.bin", "AAAAA"), file_of("b.bin", "BBBB")};
  struct Case {
    std::vector<std::pair<std::string, std::string>> entries;
    std::string says;
  };
  for (const Case& c : {
           Case{{{"photos-bin/a.bin", "AAAAA"}}, "b.bin is not in it"},
           Case{{{"photos-bin/a.bin", "AAAAA"}, {"elsewhere/b.bin", "BBBB"}}, "b.bin is not in it"},
           Case{{{"photos-bin/a.bin", "AAAAA"}, {"photos-bin/b.bin", "BBB"}}, "has 3 bytes"},
           Case{{{"photos-bin/a.bin", "AAAAA"}, {"photos-bin/b.bin", "BBBX"}}, "wrong bytes for b"},
           Case{{{"photos-bin/a.bin", "AAAAA"}, {"photos-bin/a.bin", "AAAAA"}}, "there twice"},
           Case{{{"photos-bin/a.bin", "AAAAA"}, {"photos-bin/../../x", "BBBB"}}, "leads out"},
       }) {
    publish_archive(archive(c.entries), files);
    const std::optional<Error> error = error_of_run();
    ASSERT_TRUE(error) << c.says;
    EXPECT_EQ(error->kind, ErrorKind::invalid_input);
    EXPECT_NE(error->message.find(c.says), std::string::npos) << error->message;
    EXPECT_EQ(names(), std::vector<std::string>{"photos.tar.gz"}) << "and no half of it";
    fs::remove(fs::path(root_) / "photos-bin/photos.tar.gz");
  }
  EXPECT_FALSE(fs::exists(fs::path(root_) / "x"));
}

TEST_F(Fetch, TakesTheMirrorInstead) {
  publish_digits();
  set_.addresses = {"http://127.0.0.1:1/"};
  std::string mirror = server_.address();
  mirror.pop_back();  // with or without a slash
  EXPECT_EQ(run(mirror).files.size(), 2u);
  server_.serve("train.gz", gzip(bytes_of("other")));
  fs::remove_all(root_);
  EXPECT_TRUE(error_of_run()) << "the mirror is held to the same digests, and the address is bad";
}

TEST_F(Fetch, TwoAtOnceDownloadOnce) {
  publish_photos();
  // A child per fetch: a lock is between processes.
  std::vector<pid_t> children;
  for (int i = 0; i < 4; i++) {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::optional<Error> error = error_of_run();
      ::_exit(error || text("a.bin") != "AAAAA" ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(Fetch, PlacesThatTakeNothingAreErrorsThatNameThem) {
  publish_digits();
  write_file(temp_path("a_file"), "");
  root_ = temp_path("a_file");
  std::optional<Error> error = error_of_run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, ErrorKind::usage);
  EXPECT_EQ(error->where, root_ + "/digits");
  EXPECT_NE(error->hint.find("MOTE_DATA_DIR"), std::string::npos);

  root_ = temp_path("small");
  set_.downloads[0].bytes = int64_t{1} << 60;
  error = error_of_run();
  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("not enough space"), std::string::npos) << error->message;
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Fetch, AFullDiskKeepsWhatCame) {
  publish_digits();
  const std::string folder = fs::path(root_) / "digits";
  fs::create_directories(folder);
  const pid_t child = ::fork();
  if (child == 0) {  // a limit on sizes of files stands for the full disk: write() fails as there
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::optional<Error> error = error_of_run();
    const bool told = error && error->kind == ErrorKind::usage &&
                      error->message.starts_with("cannot write") &&
                      error->where.find("train.gz.part") != std::string::npos;
    ::_exit(told ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(fs::file_size(folder + "/train.gz.part"), 10u);
  run();
  EXPECT_TRUE(is_right(set_, folder));
}

TEST(FetchByName, UnknownNamesListTheKnownOnes) {
  try {
    fetch("cifar-1000", {}, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.hint.find("cifar-100"), std::string::npos);
  }
  EXPECT_TRUE(fetch("glyphs", {}, {}).files.empty());
}

// An environment variable, set until the end of the scope.
class Variable {
 public:
  Variable(const char* name, const std::string& value)
      : name_(name), before_(testing::folder_from(name)) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { before_.empty() ? ::unsetenv(name_) : ::setenv(name_, before_.c_str(), 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::string before_;
};

// The table against what is known otherwise: the readers find a set where fetching puts it, and
// digests are digests.
TEST(Published, TableIsComplete) {
  for (const Info& info : list()) {
    const PublishedSet* set = find_published(info.name);
    EXPECT_EQ(set == nullptr, info.found == "built in") << info.name;
  }
  for (const PublishedSet& set : published_sets()) {
    const std::string root = temp_path("published_" + set.name);
    fs::create_directories(root + "/" + set.folder);
    for (const PublishedDownload& download : set.downloads) {
      EXPECT_EQ(download.sha256.find_first_not_of("0123456789abcdef"), std::string::npos);
      EXPECT_EQ(download.sha256.size(), 64u) << download.name;
      EXPECT_TRUE(download.is_archive() ||
                  (download.files.size() == 1 && download.name == download.files[0].name + ".gz"));
      for (const PublishedFile& file : download.files)
        EXPECT_TRUE(file.sha256.empty() || file.sha256.size() == 64) << file.name;
    }
    const std::string marker = set.downloads.back().files.back().name;
    write_file(root + "/" + set.folder + "/" + marker, "");
    const Variable cache("XDG_CACHE_HOME", "/nowhere"), data("MOTE_DATA_DIR", root);
    EXPECT_EQ(data_root(), root);
    for (const Info& info : list()) {
      if (info.name == set.name) {
        EXPECT_EQ(info.found, root + "/" + set.folder);
      }
    }
  }
}

// Real files, where they are: the table's digests are theirs.
TEST(Published, RealSetsAreRight) {
  const std::string root = testing::folder_from("MOTE_DATA_DIR");
  if (root.empty()) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  for (const PublishedSet& set : published_sets()) {
    const std::string folder = root + "/" + set.folder;
    if (!fs::exists(folder)) continue;
    EXPECT_TRUE(is_right(set, folder)) << folder;
    if (set.name != "fashion-mnist") continue;  // the others may have been packed anew
    for (const PublishedDownload& download : set.downloads)
      EXPECT_EQ(sha256(read_file(folder + "/" + download.name)), download.sha256);
  }
}

}  // namespace
}  // namespace mote::datasets
