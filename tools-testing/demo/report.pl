# A reporting service: the texts it reports on, its word counts, its sessions.
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

# All texts in one piece, where each is, and an index of what they define.
my ($text, %where, %index) = ('');
find({ no_chdir => 1, preprocess => sub { sort @_ }, wanted => sub {
	return unless /\.p[mly]$/ && -f;
	open my $file, '<:raw', $_ or die "$_: $!";
	$where{$_} = length $text;
	read $file, $text, -s $file, length $text;
} }, '/usr/share/perl', glob('/usr/lib/python3.*'));
push @{$index{$1}}, pos $text while $text =~ /\n(?:sub|def|class) (\w+)/g;
my @names = keys %index;

open my $random, '<:raw', '/dev/urandom' or die "/dev/urandom: $!";
my @session = map { read $random, my $bytes, 4000; $bytes } 1 .. $mib * 256;
printf "ready report %d MiB, %d names, %d sessions\n", length($text) >> 20, scalar(@names), scalar @session;

for (;;) {
	sleep 1;
	for (1 .. 4) {
		my $at = $index{$names[rand @names]}[0];
		my $line = JSON::PP->new->latin1->encode({ at => $at, text => substr($text, $at, 200) });
		substr($session[rand @session], 0, 64) = sha512($line);
	}
}
