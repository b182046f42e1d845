CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id integer NOT NULL
);
CREATE SEQUENCE public.account_emailaddress_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.account_emailaddress_id_seq OWNED BY public.account_emailaddress.id;
CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
CREATE SEQUENCE public.account_emailconfirmation_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.account_emailconfirmation_id_seq OWNED BY public.account_emailconfirmation.id;
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
CREATE SEQUENCE public.auth_group_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_group_id_seq OWNED BY public.auth_group.id;
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
CREATE SEQUENCE public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_group_permissions_id_seq OWNED BY public.auth_group_permissions.id;
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
CREATE SEQUENCE public.auth_permission_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_permission_id_seq OWNED BY public.auth_permission.id;
CREATE TABLE public.auth_user (
    id integer NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL
);
CREATE TABLE public.auth_user_groups (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    group_id integer NOT NULL
);
CREATE SEQUENCE public.auth_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_user_groups_id_seq OWNED BY public.auth_user_groups.id;
CREATE SEQUENCE public.auth_user_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_user_id_seq OWNED BY public.auth_user.id;
CREATE TABLE public.auth_user_user_permissions (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    permission_id integer NOT NULL
);
CREATE SEQUENCE public.auth_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.auth_user_user_permissions_id_seq OWNED BY public.auth_user_user_permissions.id;
CREATE TABLE public.contact_contactmessage (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    email character varying(254) NOT NULL,
    message text NOT NULL,
    status character varying(20) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    error_message text
);
CREATE SEQUENCE public.contact_contactmessage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.contact_contactmessage_id_seq OWNED BY public.contact_contactmessage.id;
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id integer NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
CREATE SEQUENCE public.django_admin_log_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_admin_log_id_seq OWNED BY public.django_admin_log.id;
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
CREATE SEQUENCE public.django_content_type_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_content_type_id_seq OWNED BY public.django_content_type.id;
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_migrations_id_seq OWNED BY public.django_migrations.id;
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.django_site (
    id integer NOT NULL,
    domain character varying(100) NOT NULL,
    name character varying(50) NOT NULL
);
CREATE SEQUENCE public.django_site_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.django_site_id_seq OWNED BY public.django_site.id;
CREATE TABLE public.socialaccount_socialaccount (
    id integer NOT NULL,
    provider character varying(30) NOT NULL,
    uid character varying(191) NOT NULL,
    last_login timestamp with time zone NOT NULL,
    date_joined timestamp with time zone NOT NULL,
    extra_data text NOT NULL,
    user_id integer NOT NULL
);
CREATE SEQUENCE public.socialaccount_socialaccount_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.socialaccount_socialaccount_id_seq OWNED BY public.socialaccount_socialaccount.id;
CREATE TABLE public.socialaccount_socialapp (
    id integer NOT NULL,
    provider character varying(30) NOT NULL,
    name character varying(40) NOT NULL,
    client_id character varying(191) NOT NULL,
    secret character varying(191) NOT NULL,
    key character varying(191) NOT NULL
);
CREATE SEQUENCE public.socialaccount_socialapp_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.socialaccount_socialapp_id_seq OWNED BY public.socialaccount_socialapp.id;
CREATE TABLE public.socialaccount_socialapp_sites (
    id bigint NOT NULL,
    socialapp_id integer NOT NULL,
    site_id integer NOT NULL
);
CREATE SEQUENCE public.socialaccount_socialapp_sites_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.socialaccount_socialapp_sites_id_seq OWNED BY public.socialaccount_socialapp_sites.id;
CREATE TABLE public.socialaccount_socialtoken (
    id integer NOT NULL,
    token text NOT NULL,
    token_secret text NOT NULL,
    expires_at timestamp with time zone,
    account_id integer NOT NULL,
    app_id integer NOT NULL
);
CREATE SEQUENCE public.socialaccount_socialtoken_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.socialaccount_socialtoken_id_seq OWNED BY public.socialaccount_socialtoken.id;
CREATE TABLE public.waitlists_waitlist (
    id bigint NOT NULL,
    email character varying(254) NOT NULL,
    first_name character varying(100) NOT NULL,
    last_name character varying(100) NOT NULL,
    company character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    notified boolean NOT NULL
);
CREATE SEQUENCE public.waitlists_waitlist_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.waitlists_waitlist_id_seq OWNED BY public.waitlists_waitlist.id;
CREATE TABLE public.waitlists_waitlistentry (
    id bigint NOT NULL,
    email character varying(254) NOT NULL,
    "timestamp" timestamp with time zone NOT NULL,
    updated timestamp with time zone NOT NULL,
    user_id integer,
    description text
);
CREATE SEQUENCE public.waitlists_waitlistentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.waitlists_waitlistentry_id_seq OWNED BY public.waitlists_waitlistentry.id;
ALTER TABLE ONLY public.account_emailaddress ALTER COLUMN id SET DEFAULT nextval('public.account_emailaddress_id_seq'::regclass);
ALTER TABLE ONLY public.account_emailconfirmation ALTER COLUMN id SET DEFAULT nextval('public.account_emailconfirmation_id_seq'::regclass);
ALTER TABLE ONLY public.auth_group ALTER COLUMN id SET DEFAULT nextval('public.auth_group_id_seq'::regclass);
ALTER TABLE ONLY public.auth_group_permissions ALTER COLUMN id SET DEFAULT nextval('public.auth_group_permissions_id_seq'::regclass);
ALTER TABLE ONLY public.auth_permission ALTER COLUMN id SET DEFAULT nextval('public.auth_permission_id_seq'::regclass);
ALTER TABLE ONLY public.auth_user ALTER COLUMN id SET DEFAULT nextval('public.auth_user_id_seq'::regclass);
ALTER TABLE ONLY public.auth_user_groups ALTER COLUMN id SET DEFAULT nextval('public.auth_user_groups_id_seq'::regclass);
ALTER TABLE ONLY public.auth_user_user_permissions ALTER COLUMN id SET DEFAULT nextval('public.auth_user_user_permissions_id_seq'::regclass);
ALTER TABLE ONLY public.contact_contactmessage ALTER COLUMN id SET DEFAULT nextval('public.contact_contactmessage_id_seq'::regclass);
ALTER TABLE ONLY public.django_admin_log ALTER COLUMN id SET DEFAULT nextval('public.django_admin_log_id_seq'::regclass);
ALTER TABLE ONLY public.django_content_type ALTER COLUMN id SET DEFAULT nextval('public.django_content_type_id_seq'::regclass);
ALTER TABLE ONLY public.django_migrations ALTER COLUMN id SET DEFAULT nextval('public.django_migrations_id_seq'::regclass);
ALTER TABLE ONLY public.django_site ALTER COLUMN id SET DEFAULT nextval('public.django_site_id_seq'::regclass);
ALTER TABLE ONLY public.socialaccount_socialaccount ALTER COLUMN id SET DEFAULT nextval('public.socialaccount_socialaccount_id_seq'::regclass);
ALTER TABLE ONLY public.socialaccount_socialapp ALTER COLUMN id SET DEFAULT nextval('public.socialaccount_socialapp_id_seq'::regclass);
ALTER TABLE ONLY public.socialaccount_socialapp_sites ALTER COLUMN id SET DEFAULT nextval('public.socialaccount_socialapp_sites_id_seq'::regclass);
ALTER TABLE ONLY public.socialaccount_socialtoken ALTER COLUMN id SET DEFAULT nextval('public.socialaccount_socialtoken_id_seq'::regclass);
ALTER TABLE ONLY public.waitlists_waitlist ALTER COLUMN id SET DEFAULT nextval('public.waitlists_waitlist_id_seq'::regclass);
ALTER TABLE ONLY public.waitlists_waitlistentry ALTER COLUMN id SET DEFAULT nextval('public.waitlists_waitlistentry_id_seq'::regclass);
INSERT INTO public.account_emailaddress VALUES
	(1, 'Ann.Lee@Example.com', true, true, 2),
	(2, 'bob@example.com', false, true, 3),
	(3, 'carl@example.com', true, true, 4),
	(4, 'twin@example.com', false, true, 7),
	(5, 'TWIN@example.com', true, true, 8),
	(6, 'gina@gmail.test', true, true, 10),
	(7, 'ann@work.example.com', true, false, 2);
INSERT INTO public.auth_group VALUES
	(1, 'Editors');
INSERT INTO public.auth_group_permissions VALUES
	(1, 1, 52),
	(2, 1, 50),
	(3, 1, 56),
	(4, 1, 29);
INSERT INTO public.auth_permission VALUES
	(1, 'Can add log entry', 1, 'add_logentry'),
	(2, 'Can change log entry', 1, 'change_logentry'),
	(3, 'Can delete log entry', 1, 'delete_logentry'),
	(4, 'Can view log entry', 1, 'view_logentry'),
	(5, 'Can add permission', 2, 'add_permission'),
	(6, 'Can change permission', 2, 'change_permission'),
	(7, 'Can delete permission', 2, 'delete_permission'),
	(8, 'Can view permission', 2, 'view_permission'),
	(9, 'Can add group', 3, 'add_group'),
	(10, 'Can change group', 3, 'change_group'),
	(11, 'Can delete group', 3, 'delete_group'),
	(12, 'Can view group', 3, 'view_group'),
	(13, 'Can add user', 4, 'add_user'),
	(14, 'Can change user', 4, 'change_user'),
	(15, 'Can delete user', 4, 'delete_user'),
	(16, 'Can view user', 4, 'view_user'),
	(17, 'Can add content type', 5, 'add_contenttype'),
	(18, 'Can change content type', 5, 'change_contenttype'),
	(19, 'Can delete content type', 5, 'delete_contenttype'),
	(20, 'Can view content type', 5, 'view_contenttype'),
	(21, 'Can add session', 6, 'add_session'),
	(22, 'Can change session', 6, 'change_session'),
	(23, 'Can delete session', 6, 'delete_session'),
	(24, 'Can view session', 6, 'view_session'),
	(25, 'Can add site', 7, 'add_site'),
	(26, 'Can change site', 7, 'change_site'),
	(27, 'Can delete site', 7, 'delete_site'),
	(28, 'Can view site', 7, 'view_site'),
	(29, 'Can add email address', 8, 'add_emailaddress'),
	(30, 'Can change email address', 8, 'change_emailaddress'),
	(31, 'Can delete email address', 8, 'delete_emailaddress'),
	(32, 'Can view email address', 8, 'view_emailaddress'),
	(33, 'Can add email confirmation', 9, 'add_emailconfirmation'),
	(34, 'Can change email confirmation', 9, 'change_emailconfirmation'),
	(35, 'Can delete email confirmation', 9, 'delete_emailconfirmation'),
	(36, 'Can view email confirmation', 9, 'view_emailconfirmation'),
	(37, 'Can add social account', 10, 'add_socialaccount'),
	(38, 'Can change social account', 10, 'change_socialaccount'),
	(39, 'Can delete social account', 10, 'delete_socialaccount'),
	(40, 'Can view social account', 10, 'view_socialaccount'),
	(41, 'Can add social application', 11, 'add_socialapp'),
	(42, 'Can change social application', 11, 'change_socialapp'),
	(43, 'Can delete social application', 11, 'delete_socialapp'),
	(44, 'Can view social application', 11, 'view_socialapp'),
	(45, 'Can add social application token', 12, 'add_socialtoken'),
	(46, 'Can change social application token', 12, 'change_socialtoken'),
	(47, 'Can delete social application token', 12, 'delete_socialtoken'),
	(48, 'Can view social application token', 12, 'view_socialtoken'),
	(49, 'add', 13, 'add_contactmessage'),
	(50, 'change', 13, 'change_contactmessage'),
	(51, 'delete', 13, 'delete_contactmessage'),
	(52, 'view', 13, 'view_contactmessage'),
	(53, 'add', 14, 'add_waitlistentry'),
	(54, 'change', 14, 'change_waitlistentry'),
	(55, 'delete', 14, 'delete_waitlistentry'),
	(56, 'view', 14, 'view_waitlistentry'),
	(57, 'add', 15, 'add_waitlist'),
	(58, 'change', 15, 'change_waitlist'),
	(59, 'delete', 15, 'delete_waitlist'),
	(60, 'view', 15, 'view_waitlist');
INSERT INTO public.auth_user VALUES
	(1, 'pbkdf2_sha256$1000$dQw21ru3bw8LsNfQRt1q7g$7TbE9Vsu/FPmEuelfR3qN1rl+Dv55As9Q+5Tu3MBqbE=', '2026-11-23 09:30:15.123456+00', true, 'admin', '', '', 'admin@digitalpath.test', true, true, '2026-10-15 09:30:15.123456+00'),
	(2, 'pbkdf2_sha256$1000$0ccDY8EMhe0MzKaFoRWIL8$tQpfd1eJ+pFMnv579ukX1YL9FfI5UtLsJXmw0gbUHcU=', '2026-11-23 03:30:15.123456+00', false, 'Ann', 'Ann', 'Lee', 'Ann.Lee@Example.com', false, true, '2026-10-15 09:30:15.123456+00'),
	(3, 'pbkdf2_sha256$1000$qB8S7KhCu5JoaJPjblFTv1$PAzNo9yk/IHW8PFpxOqfDZlldpSBhFEaNCjlwiDpTgo=', NULL, false, 'bob', '', '', 'bob@example.com', false, false, '2026-10-15 09:30:15.123456+00'),
	(4, 'pbkdf2_sha256$1000$RV01EbSLjQuqvCJrRgPcuf$PxF74PfgmoXfYrONrw92yZhgAjuSefBon39roBkGk5w=', '2026-11-15 09:30:15.123456+00', false, 'carl', '', '', 'carl@example.com', false, false, '2026-10-15 09:30:15.123456+00'),
	(5, 'pbkdf2_sha256$1000$EkGgCPeCBiokFr14sQaY1u$0NrwdSG72bjDIGVDL35Tw97hDKOJaBwKidoCTGYBH64=', NULL, false, 'dora', '', '', '', false, true, '2026-10-15 09:30:15.123456+00'),
	(6, 'pbkdf2_sha256$1000$uQWTzYpvxVyXSqBsC2mhhL$D72o1rQ7Fy2u9a3Ncr3s+wvQ6aCgIPzhIA4bDTVNOgU=', NULL, false, 'emil', '', '', '', false, true, '2026-10-15 09:30:15.123456+00'),
	(7, 'pbkdf2_sha256$1000$PvWi1DceANzcYR5MPeLaZm$bv5yctBpDpG7zju/OZM439aQ2A6kIuzNmeRqPrrCdEY=', NULL, false, 'twin1', '', '', 'twin@example.com', false, true, '2026-10-15 09:30:15.123456+00'),
	(8, 'pbkdf2_sha256$1000$UNHvlS42CiMGI1meKQEvW6$BS73edEoQWGDu1nELroXcP3HXwoFdxtS1dd2QzgRtIQ=', NULL, false, 'twin2', '', '', 'TWIN@example.com', false, true, '2026-10-15 09:30:15.123456+00'),
	(9, 'pbkdf2_sha256$1000$YTawcKHtT1ElBQinP4BFU0$3vd8f8BkqgPIxx8Nyrqerh0gdHFQT5H8zkn8pigBeDg=', NULL, false, 'ann', '', '', 'another.ann@example.com', false, true, '2026-10-15 09:30:15.123456+00'),
	(10, '!7DVdlZsvLb4oZ0mbvUAaeVYUN70dXkwVUrfN5nwa', '2026-11-24 07:30:15.123456+00', false, 'gina', '', '', 'gina@gmail.test', false, true, '2026-10-15 09:30:15.123456+00');
INSERT INTO public.auth_user_groups VALUES
	(1, 2, 1);
INSERT INTO public.auth_user_user_permissions VALUES
	(1, 2, 16);
INSERT INTO public.contact_contactmessage VALUES
	(1, 'Sent', 'visitor@example.com', 'Hello from Sent', 'sent', '2026-11-21 09:30:15.123456+00', '2026-11-22 09:30:15.123456+00', '2026-11-22 09:30:15.123456+00', NULL),
	(2, 'Pending', 'visitor@example.com', 'Hello from Pending', 'pending', '2026-11-21 09:30:15.123456+00', '2026-11-22 09:30:15.123456+00', NULL, NULL),
	(3, 'Failed', 'visitor@example.com', 'Hello from Failed', 'failed', '2026-11-21 09:30:15.123456+00', '2026-11-22 09:30:15.123456+00', NULL, 'SMTP said no'),
	(4, 'Ünïcödé 🚀', 'visitor@example.com', '多行
zwei
three \ ''quoted''', 'sent', '2026-11-21 09:30:15.123456+00', '2026-11-22 09:30:15.123456+00', '2026-11-23 09:30:15.123456+00', NULL),
	(5, 'Odd', 'visitor@example.com', 'Hello from Odd', 'queued', '2026-11-21 09:30:15.123456+00', '2026-11-22 09:30:15.123456+00', NULL, NULL);
INSERT INTO public.django_admin_log VALUES
	(1, '2026-11-23 09:30:15.123456+00', '1', 'Sent', 1, '[{"added": {}}]', 13, 1),
	(2, '2026-11-23 09:30:15.123456+00', '3', 'Failed', 2, '[{"changed": {"fields": ["Status", "Name"]}}]', 13, 2),
	(3, '2026-11-23 09:30:15.123456+00', '99', 'Spam', 3, '', 13, 2),
	(4, '2026-11-23 09:30:15.123456+00', '1', 'Sent', 2, 'Changed status, as Django 1.9 wrote it.', 13, 2),
	(5, '2026-11-23 09:30:15.123456+00', 'abc', 'no number', 2, '[]', 13, 2),
	(6, '2026-11-23 09:30:15.123456+00', '1', 'nothing', 2, '', NULL, 2);
INSERT INTO public.django_content_type VALUES
	(1, 'admin', 'logentry'),
	(2, 'auth', 'permission'),
	(3, 'auth', 'group'),
	(4, 'auth', 'user'),
	(5, 'contenttypes', 'contenttype'),
	(6, 'sessions', 'session'),
	(7, 'sites', 'site'),
	(8, 'account', 'emailaddress'),
	(9, 'account', 'emailconfirmation'),
	(10, 'socialaccount', 'socialaccount'),
	(11, 'socialaccount', 'socialapp'),
	(12, 'socialaccount', 'socialtoken'),
	(13, 'contact', 'contactmessage'),
	(14, 'waitlists', 'waitlistentry'),
	(15, 'waitlists', 'waitlist');
INSERT INTO public.django_migrations VALUES
	(1, 'contenttypes', '0001_initial', '2026-11-26 01:47:47.015431+00'),
	(2, 'auth', '0001_initial', '2026-11-26 01:47:47.069415+00'),
	(3, 'account', '0001_initial', '2026-11-26 01:47:47.095135+00'),
	(4, 'account', '0002_email_max_length', '2026-11-26 01:47:47.099155+00'),
	(5, 'admin', '0001_initial', '2026-11-26 01:47:47.114622+00'),
	(6, 'admin', '0002_logentry_remove_auto_add', '2026-11-26 01:47:47.123769+00'),
	(7, 'admin', '0003_logentry_add_action_flag_choices', '2026-11-26 01:47:47.12943+00'),
	(8, 'contenttypes', '0002_remove_content_type_name', '2026-11-26 01:47:47.143546+00'),
	(9, 'auth', '0002_alter_permission_name_max_length', '2026-11-26 01:47:47.152042+00'),
	(10, 'auth', '0003_alter_user_email_max_length', '2026-11-26 01:47:47.154936+00'),
	(11, 'auth', '0004_alter_user_username_opts', '2026-11-26 01:47:47.159652+00'),
	(12, 'auth', '0005_alter_user_last_login_null', '2026-11-26 01:47:47.167595+00'),
	(13, 'auth', '0006_require_contenttypes_0002', '2026-11-26 01:47:47.168191+00'),
	(14, 'auth', '0007_alter_validators_add_error_messages', '2026-11-26 01:47:47.173194+00'),
	(15, 'auth', '0008_alter_user_username_max_length', '2026-11-26 01:47:47.178281+00'),
	(16, 'auth', '0009_alter_user_last_name_max_length', '2026-11-26 01:47:47.187581+00'),
	(17, 'auth', '0010_alter_group_name_max_length', '2026-11-26 01:47:47.198479+00'),
	(18, 'auth', '0011_update_proxy_permissions', '2026-11-26 01:47:47.20592+00'),
	(19, 'auth', '0012_alter_user_first_name_max_length', '2026-11-26 01:47:47.211476+00'),
	(20, 'sessions', '0001_initial', '2026-11-26 01:47:47.219446+00'),
	(21, 'sites', '0001_initial', '2026-11-26 01:47:47.230555+00'),
	(22, 'sites', '0002_alter_domain_unique', '2026-11-26 01:47:47.233658+00'),
	(23, 'socialaccount', '0001_initial', '2026-11-26 01:47:47.295548+00'),
	(24, 'socialaccount', '0002_token_max_lengths', '2026-11-26 01:47:47.310097+00'),
	(25, 'socialaccount', '0003_extra_data_default_dict', '2026-11-26 01:47:47.318395+00');
INSERT INTO public.django_site VALUES
	(1, 'example.com', 'example.com');
INSERT INTO public.socialaccount_socialaccount VALUES
	(1, 'google', 'g-old', '2026-11-04 09:30:15.123456+00', '2026-10-25 09:30:15.123456+00', '{"email": "gina.old@gmail.test"}', 10),
	(2, 'google', 'g-new', '2026-11-23 09:30:15.123456+00', '2026-11-13 09:30:15.123456+00', '{"email": "gina@gmail.test", "verified_email": true}', 10),
	(3, 'github', '4711', '2026-11-21 09:30:15.123456+00', '2026-11-11 09:30:15.123456+00', '{"login": "ann", "email": null}', 2),
	(4, 'facebook', 'fb-1', '2026-11-21 09:30:15.123456+00', '2026-11-11 09:30:15.123456+00', '{}', 3);
INSERT INTO public.socialaccount_socialapp VALUES
	(1, 'google', 'Google', 'of-the-database.apps.test', 'not-taken', '');
INSERT INTO public.waitlists_waitlist VALUES
	(1, 'second@example.com', 'Sec', 'Ond', '', '2026-11-22 09:30:15.123456+00', true),
	(2, 'third@example.com', 'Thi', 'Rd', 'Three & Co', '2026-11-23 09:30:15.123456+00', true);
INSERT INTO public.waitlists_waitlistentry VALUES
	(1, 'First@Example.com', '2026-11-15 09:30:15.123456+00', '2026-11-15 09:30:15.123456+00', NULL, 'oldest'),
	(2, 'first@example.com', '2026-11-19 09:30:15.123456+00', '2026-11-19 09:30:15.123456+00', 2, 'later'),
	(3, 'second@example.com', '2026-11-20 09:30:15.123456+00', '2026-11-21 09:30:15.123456+00', 2, NULL),
	(4, '', '2026-11-20 09:30:15.123456+00', '2026-11-21 09:30:15.123456+00', NULL, NULL);
SELECT pg_catalog.setval('public.account_emailaddress_id_seq', 7, true);
SELECT pg_catalog.setval('public.account_emailconfirmation_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_group_id_seq', 1, true);
SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 4, true);
SELECT pg_catalog.setval('public.auth_permission_id_seq', 60, true);
SELECT pg_catalog.setval('public.auth_user_groups_id_seq', 1, true);
SELECT pg_catalog.setval('public.auth_user_id_seq', 11, true);
SELECT pg_catalog.setval('public.auth_user_user_permissions_id_seq', 1, true);
SELECT pg_catalog.setval('public.contact_contactmessage_id_seq', 5, true);
SELECT pg_catalog.setval('public.django_admin_log_id_seq', 6, true);
SELECT pg_catalog.setval('public.django_content_type_id_seq', 15, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 25, true);
SELECT pg_catalog.setval('public.django_site_id_seq', 1, true);
SELECT pg_catalog.setval('public.socialaccount_socialaccount_id_seq', 4, true);
SELECT pg_catalog.setval('public.socialaccount_socialapp_id_seq', 1, true);
SELECT pg_catalog.setval('public.socialaccount_socialapp_sites_id_seq', 1, false);
SELECT pg_catalog.setval('public.socialaccount_socialtoken_id_seq', 1, false);
SELECT pg_catalog.setval('public.waitlists_waitlist_id_seq', 2, true);
SELECT pg_catalog.setval('public.waitlists_waitlistentry_id_seq', 4, true);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_email_key UNIQUE (email);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_group_id_94350c0c_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_permission_id_14a6b632_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.contact_contactmessage
    ADD CONSTRAINT contact_contactmessage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.django_site
    ADD CONSTRAINT django_site_domain_a2e37b91_uniq UNIQUE (domain);
ALTER TABLE ONLY public.django_site
    ADD CONSTRAINT django_site_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_provider_uid_fc810c6e_uniq UNIQUE (provider, uid);
ALTER TABLE ONLY public.socialaccount_socialapp_sites
    ADD CONSTRAINT socialaccount_socialapp__socialapp_id_site_id_71a9a768_uniq UNIQUE (socialapp_id, site_id);
ALTER TABLE ONLY public.socialaccount_socialapp
    ADD CONSTRAINT socialaccount_socialapp_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.socialaccount_socialapp_sites
    ADD CONSTRAINT socialaccount_socialapp_sites_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_app_id_account_id_fca4e0ac_uniq UNIQUE (app_id, account_id);
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_socialtoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.waitlists_waitlist
    ADD CONSTRAINT waitlists_waitlist_email_key UNIQUE (email);
ALTER TABLE ONLY public.waitlists_waitlist
    ADD CONSTRAINT waitlists_waitlist_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.waitlists_waitlistentry
    ADD CONSTRAINT waitlists_waitlistentry_pkey PRIMARY KEY (id);
CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX auth_user_groups_group_id_97559544 ON public.auth_user_groups USING btree (group_id);
CREATE INDEX auth_user_groups_user_id_6a12ed8b ON public.auth_user_groups USING btree (user_id);
CREATE INDEX auth_user_user_permissions_permission_id_1fbb5f2c ON public.auth_user_user_permissions USING btree (permission_id);
CREATE INDEX auth_user_user_permissions_user_id_a95ead1b ON public.auth_user_user_permissions USING btree (user_id);
CREATE INDEX auth_user_username_6821ab7c_like ON public.auth_user USING btree (username varchar_pattern_ops);
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX django_site_domain_a2e37b91_like ON public.django_site USING btree (domain varchar_pattern_ops);
CREATE INDEX socialaccount_socialaccount_user_id_8146e70c ON public.socialaccount_socialaccount USING btree (user_id);
CREATE INDEX socialaccount_socialapp_sites_site_id_2579dee5 ON public.socialaccount_socialapp_sites USING btree (site_id);
CREATE INDEX socialaccount_socialapp_sites_socialapp_id_97fb6e7d ON public.socialaccount_socialapp_sites USING btree (socialapp_id);
CREATE INDEX socialaccount_socialtoken_account_id_951f210e ON public.socialaccount_socialtoken USING btree (account_id);
CREATE INDEX socialaccount_socialtoken_app_id_636a42d7 ON public.socialaccount_socialtoken USING btree (app_id);
CREATE INDEX waitlists_waitlist_email_3b3d342e_like ON public.waitlists_waitlist USING btree (email varchar_pattern_ops);
CREATE INDEX waitlists_waitlistentry_user_id_818900f5 ON public.waitlists_waitlistentry USING btree (user_id);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_group_id_97559544_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_6a12ed8b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_a95ead1b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_account_id_951f210e_fk_socialacc FOREIGN KEY (account_id) REFERENCES public.socialaccount_socialaccount(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialtoken
    ADD CONSTRAINT socialaccount_social_app_id_636a42d7_fk_socialacc FOREIGN KEY (app_id) REFERENCES public.socialaccount_socialapp(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialapp_sites
    ADD CONSTRAINT socialaccount_social_site_id_2579dee5_fk_django_si FOREIGN KEY (site_id) REFERENCES public.django_site(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialapp_sites
    ADD CONSTRAINT socialaccount_social_socialapp_id_97fb6e7d_fk_socialacc FOREIGN KEY (socialapp_id) REFERENCES public.socialaccount_socialapp(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.socialaccount_socialaccount
    ADD CONSTRAINT socialaccount_socialaccount_user_id_8146e70c_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.waitlists_waitlistentry
    ADD CONSTRAINT waitlists_waitlistentry_user_id_818900f5_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
