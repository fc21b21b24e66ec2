// Brings a standard data set to this machine, as its makers published it, in the layout that the
// readers want. Tested by fetch_test.cc against a local server.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "datasets/download.h"
#include "datasets/published.h"

namespace mote::datasets {

struct FetchOptions {
  std::string mirror;  // an address that has the same downloads, instead of the published ones
  Patience patience;
};

struct FetchProgress {
  std::string file;        // the download at hand
  int64_t done_bytes = 0;  // of all downloads of the set that are missing
  int64_t total_bytes = 0;
  std::string note;  // what it waits for, or does instead of downloading; may be empty
};
using FetchCallback = std::function<void(const FetchProgress&)>;

struct Fetched {
  std::string folder;              // where the set lies
  std::vector<std::string> files;  // downloads that were brought; none where all was right already
  int64_t bytes = 0;               // of these
};

// Brings what is missing or wrong of the set called `name` below data_root(), unless all of it lies
// right where data is looked for (datasets/dataset.h). One fetch of a set waits for another's end.
// Throws Error{usage} for an unknown name, a folder that cannot be written, too little space, or
// an address that is not reached, and Error{invalid_input} for wrong bytes; what came by then
// stays, and the next fetch goes on from it.
Fetched fetch(const std::string& name, const FetchOptions& options, const FetchCallback& progress);

// The same of any set, below `root`.
Fetched fetch(const PublishedSet& set, const std::string& root, const FetchOptions& options,
              const FetchCallback& progress);

// Whether all files of the set lie in `folder`, every one with its size and digest.
bool is_right(const PublishedSet& set, const std::string& folder);

}  // namespace mote::datasets
