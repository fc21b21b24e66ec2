// What the makers of the standard data sets published, and where: the table that fetching goes by.
// Tested by fetch_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mote::datasets {

// A file as the readers want it, uncompressed.
struct PublishedFile {
  std::string name;    // within the set's folder; it may also lie there as NAME.gz
  int64_t bytes = 0;   // exact; the most that it may have where there is no digest
  std::string sha256;  // empty: its archive's digest vouches for it
};

// What is downloaded: NAME.gz, which stays as it is, or a .tar.gz, which is unpacked.
struct PublishedDownload {
  std::string name;
  int64_t bytes = 0;
  std::string sha256;
  std::vector<PublishedFile> files;  // that come out of it

  bool is_archive() const { return name.ends_with(".tar.gz"); }
};

struct PublishedSet {
  std::string name;
  std::string folder;                  // below the root; within an archive, the files' folder
  std::vector<std::string> addresses;  // that a download's name is appended to, first choice first
  std::vector<PublishedDownload> downloads;

  int64_t bytes() const;  // of all downloads
};

const std::vector<PublishedSet>& published_sets();
// Null where there is none of that name.
const PublishedSet* find_published(const std::string& name);

}  // namespace mote::datasets
