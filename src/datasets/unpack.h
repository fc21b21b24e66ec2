// An archive of a published data set, unpacked: the files of the table and no others.
// Tested by fetch_test.cc.
#pragma once

#include <string>
#include <vector>

#include "datasets/published.h"

namespace mote::datasets {

// Writes `files` of the .tar.gz at `path`, where they lie in the folder `inner`, to `folder`. They
// get their names when all of them are there and right, the last one last; other files of the
// archive are skipped. Throws Error{invalid_input} that names archive and file where one is
// missing, or has another size or digest, and what read_tar_gz throws.
void unpack(const std::string& path, const std::string& inner,
            const std::vector<PublishedFile>& files, const std::string& folder);

}  // namespace mote::datasets
