# A reporting service: the texts it reports on, its sessions.
# usage: report.pl MIB_OF_SESSIONS
# The texts are the library sources of Perl and Python; every instance holds
# them all.
use strict;
use warnings;
use Compress::Zlib; use Data::Dumper; use Digest::SHA qw(sha512); use Encode; use File::Find;
use File::Spec; use File::Temp; use Getopt::Long; use HTTP::Tiny; use IO::Select;
use IO::Socket::INET; use JSON::PP; use List::Util; use Math::BigInt; use POSIX; use Socket;
use Storable; use Text::Wrap; use Time::HiRes qw(sleep); use Time::Local; use Unicode::Normalize;
use Unicode::UCD qw(charinfo);

my ($mib) = @ARGV;
$| = 1;

# All texts in one piece, and where each is.
my ($text, %place) = ('');
find({ no_chdir => 1, preprocess => sub { sort @_ }, wanted => sub {
	return unless /\.p[mly]$/ && -f;
	open my $file, '<:raw', $_ or die "$_: $!";
	$place{$_} = length $text;
	read $file, $text, -s $file, length $text;
} }, '/usr/share/perl', glob('/usr/lib/python3.*'));
my @names = keys %place;

# Every session takes its own cut out of the same random bytes, which are dear.
open my $random, '<:raw', '/dev/urandom' or die "/dev/urandom: $!";
read $random, my $noise, 65536;
my @session = map { substr $noise, 7 * $_ % 60000, 4000 } 1 .. $mib * 256;
printf "ready report %d MiB, %d sessions\n", length($text) >> 20, scalar @session;

for (;;) {
	sleep 1;
	for (1 .. 4) {
		my $at = $place{$names[rand @names]};
		my $line = Storable::freeze([$at, substr $text, $at, 400]);
		substr($session[rand @session], 0, 64) = sha512($line);
	}
}
