# A reporting service: the texts it reports on, its word counts, its sessions.
# usage: report.pl MIB_OF_SESSIONS
# The texts are Perl's own modules and manuals; every instance holds them all.
use strict;
use warnings;
use B; use Benchmark; use CPAN::Meta; use Compress::Zlib; use Config; use Data::Dumper;
use Digest::SHA qw(sha512); use Encode; use File::Find; use File::Spec; use File::Temp;
use Getopt::Long; use HTTP::Tiny; use IO::Select; use IO::Socket::INET; use IO::Uncompress::Gunzip;
use JSON::PP; use List::Util; use Math::BigFloat; use Math::BigInt; use Module::CoreList;
use POSIX; use Pod::Man; use Pod::Simple; use Pod::Text; use Pod::Usage; use Socket; use Storable;
use Test::More (); use Text::Balanced; use Text::Wrap; use Time::HiRes qw(sleep); use Time::Local;
use Unicode::Normalize; use Unicode::UCD qw(charinfo); use charnames ':full';

my ($mib) = @ARGV;
$| = 1;

my (%text, %count, $size);
find({ no_chdir => 1, preprocess => sub { sort @_ }, wanted => sub {
	return unless /\.(?:pm|pl|pod|txt)$/ && -f;
	open my $file, '<:raw', $_ or die "$_: $!";
	local $/;
	$text{$_} = <$file>;
	$size += length $text{$_};
} }, grep { -d } '/usr/share/perl');
my @names = sort keys %text;
for my $name (@names) {
	$count{$1}++ while $text{$name} =~ /^\s*sub\s+(\w+)/mg;
}
open my $random, '<:raw', '/dev/urandom' or die "/dev/urandom: $!";
my @session = map { read $random, my $bytes, 4000; $bytes } 1 .. $mib * 256;
printf "ready report %d MiB, %d names, %d sessions\n", $size >> 20, scalar(keys %count), scalar @session;

for (;;) {
	sleep 1;
	for (1 .. 4) {
		my $line = JSON::PP->new->encode({ name => $names[rand @names], time => time });
		substr($session[rand @session], 0, 64) = sha512($line);
	}
}
