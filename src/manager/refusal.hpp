#pragma once

#include <string>

#include "aws/error.hpp"
#include "fleet/record.hpp"

/// Why EC2 gives no machine, in sentences for a name's user.
namespace manager {

/// EC2 has looked at the call and will not carry it out, now or later; anything else may have been taken.
bool is_refusal(const aws::Error& error);

/// EC2 does not know the image, or cannot launch from it any more.
bool is_without_image(const aws::Error& error);

/// `pools` says where the machine was asked for.
std::string refusal(const aws::Error& error, fleet::Market market, const std::string& pools);

/// Of a call about a launch template.
std::string template_refusal(const aws::Error& error);

/// Of a call about an image or its snapshots.
std::string image_refusal(const aws::Error& error);

}  // namespace manager
